/* Passkeys: a form with data-passkey asks the device and sends its answer. Without scripting these forms stay hidden. */
(() => {
  "use strict";
  if (!window.PublicKeyCredential) return;

  const bytes = (text) => Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (c) => c.charCodeAt(0));
  const text = (buffer) => btoa(String.fromCharCode(...new Uint8Array(buffer))).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
  const withIds = (list) => (list ?? []).map((each) => ({ ...each, id: bytes(each.id) }));

  /* The server writes bytes as base64url; the device wants them as bytes. */
  const forDevice = ({ publicKey }) => ({ publicKey: {
    ...publicKey,
    challenge: bytes(publicKey.challenge),
    ...(publicKey.user && { user: { ...publicKey.user, id: bytes(publicKey.user.id) } }),
    ...(publicKey.allowCredentials && { allowCredentials: withIds(publicKey.allowCredentials) }),
    ...(publicKey.excludeCredentials && { excludeCredentials: withIds(publicKey.excludeCredentials) }),
  } });

  const forServer = (credential) => {
    const response = {};
    for (const name of ["clientDataJSON", "attestationObject", "authenticatorData", "signature", "userHandle"]) {
      if (credential.response[name]) response[name] = text(credential.response[name]);
    }
    return {
      id: credential.id,
      rawId: text(credential.rawId),
      type: credential.type,
      response,
      clientExtensionResults: credential.getClientExtensionResults(),
    };
  };

  const options = async (form) => {
    if (form.dataset.options) return JSON.parse(document.getElementById(form.dataset.options).textContent);
    const reply = await fetch(form.action, { headers: { Accept: "application/json" } });
    if (!reply.ok) throw new Error(`no options: ${reply.status}`);
    return (await reply.json()).request_options;
  };

  for (const form of document.querySelectorAll("form[data-passkey]")) {
    form.hidden = false;
    const refusal = form.querySelector("[role=alert]");
    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      refusal.hidden = true;
      try {
        const asked = forDevice(await options(form));
        const act = form.dataset.passkey === "create" ? "create" : "get";
        form.elements.credential.value = JSON.stringify(forServer(await navigator.credentials[act](asked)));
        form.submit();
      } catch {
        refusal.hidden = false; // turned away by the person or the device; the sentence says what else there is
      }
    });
  }
})();

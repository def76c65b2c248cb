/* sledi: what a page gains with scripting. Everything here has a plain form or link behind it. */
(() => {
  "use strict";
  const all = (selector, root = document) => root.querySelectorAll(selector);
  const language = document.documentElement.lang;

  /* Say something to those who do not see the change. */
  const say = (text) => {
    const region = document.getElementById("live");
    if (!region || !text) return;
    region.textContent = "";
    setTimeout(() => { region.textContent = text; }, 100);
  };

  /* Moments stand by the clocks of their place; behind them stands the reader's own time. */
  const readersTime = (root) => {
    const own = new Intl.DateTimeFormat(language, { day: "numeric", month: "long", hour: "2-digit", minute: "2-digit", timeZoneName: "short" });
    for (const time of all("time[datetime*=T]", root)) {
      const at = new Date(time.dateTime);
      if (!isNaN(at)) time.title = own.format(at);
    }
  };

  /* Copy buttons are hidden until they can work; a link that can be copied stays a link without us. */
  const copyButtons = (root) => {
    if (!navigator.clipboard) return;
    for (const button of all("button[data-copy]", root)) button.hidden = false;
  };
  document.addEventListener("click", async (event) => {
    const button = event.target.closest("button[data-copy], a[data-copied]");
    if (!button || !navigator.clipboard) return;
    event.preventDefault();
    await navigator.clipboard.writeText(button.dataset.copy ?? button.href);
    say(button.dataset.copied);
    const label = button.lastChild;
    const before = label.textContent;
    label.textContent = button.dataset.copied;
    setTimeout(() => { label.textContent = before; }, 2000);
  });

  /* How many numbers the pasted text holds, while typing. The server counts, so it is never a second opinion. */
  for (const box of all("textarea[data-count-url]")) {
    const hint = document.getElementById(box.getAttribute("aria-describedby"));
    const first = hint.textContent;
    let timer = 0;
    let running = null;
    const count = async () => {
      running?.abort();
      if (!box.value.trim()) { hint.textContent = first; return; }
      running = new AbortController();
      const body = new URLSearchParams({ numbers: box.value.slice(0, 20000), csrfmiddlewaretoken: box.form.elements.csrfmiddlewaretoken?.value ?? "" });
      try {
        const reply = await fetch(box.dataset.countUrl, { method: "POST", body, signal: running.signal });
        if (reply.ok) hint.textContent = await reply.text();
      } catch { /* the form says it all the same when it is sent */ }
    };
    box.addEventListener("input", () => { clearTimeout(timer); timer = setTimeout(count, 350); });
    box.addEventListener("keydown", (event) => {
      if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) box.form.requestSubmit();
    });
  }

  /* The theme changes at once; the server remembers it. */
  for (const form of all("form[data-theme-form]")) {
    form.addEventListener("submit", (event) => {
      const chosen = event.submitter;
      if (!chosen) return;
      event.preventDefault();
      const root = document.documentElement;
      if (chosen.value) root.dataset.theme = chosen.value;
      else delete root.dataset.theme;
      for (const button of all("button", form)) button.setAttribute("aria-pressed", String(button === chosen));
      fetch(form.action, { method: "POST", body: new URLSearchParams({ theme: chosen.value, next: "/" }), redirect: "manual" });
    });
  }

  /* Menus close when one looks elsewhere. */
  const closeMenus = (except) => { for (const menu of all("details.menu[open]")) if (menu !== except) menu.open = false; };
  document.addEventListener("click", (event) => closeMenus(event.target.closest("details.menu")));
  document.addEventListener("keydown", (event) => {
    const menu = event.key === "Escape" && document.activeElement?.closest("details.menu[open]");
    if (menu) { menu.open = false; menu.firstElementChild.focus(); }
  });

  /* Live parts: swapped only when something changed, with what the reader opened kept open. */
  const leads = (root) => new Map([...all("[data-lead]", root)].map((lead) => [lead.dataset.lead, lead.textContent.trim()]));
  let open = [];
  let before = new Map();
  document.addEventListener("htmx:beforeRequest", (event) => {
    if (document.hidden && event.detail.elt.hasAttribute("data-live")) event.preventDefault();
  });
  document.addEventListener("htmx:beforeSwap", (event) => {
    open = [...all("details[open][id]", event.detail.target)].map((one) => one.id);
    before = leads(event.detail.target);
  });
  /* At once: while the new part settles, the next one may already come, and would find everything closed. */
  document.addEventListener("htmx:afterSwap", () => {
    for (const id of open) { const one = document.getElementById(id); if (one) one.open = true; }
  });
  document.addEventListener("htmx:afterSettle", (event) => {
    const root = event.detail.elt;
    say([...leads(root)].filter(([key, text]) => before.get(key) !== text).slice(0, 3).map(([, text]) => text).join(". "));
    ready(root);
  });

  /* News come as server-sent events where they can; asking now and then goes on without them. */
  const living = document.querySelector("[data-events]");
  if (living && window.EventSource) {
    const news = new EventSource(living.dataset.events);
    const ask = () => document.getElementById(living.id)?.dispatchEvent(new Event("news"));
    news.addEventListener("change", ask);
    news.addEventListener("open", ask); /* what came since the page was made; nothing is sent when nothing did */
  }

  const ready = (root) => { readersTime(root); copyButtons(root); };
  ready(document);
})();

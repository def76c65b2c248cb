"""Every static check of a profile: a fault is planted into a sound one, and told with its line, rule and words."""

from pathlib import Path

import pytest

from sledi import core, profiles

SHOP = (Path(core.__file__).parent / "workflow" / "tests" / "shop.yaml").read_text(encoding="utf-8")

# What is replaced, by what; how the line begins at which the fault is told; its rule and how its words begin.
PLANTED = [
    ("version: 2", "version: two", "version: two", "document", "version: Expected `int`, got `str`"),
    (
        "version: 2",
        "version: 2\nflavour: sweet",
        "profile: shop",
        "document",
        "the document: Object contains unknown field `flavour`",
    ),
    (
        "weight_g: weight_g",
        "weight_g: {type: weight_g, labels: {en: W, ru: В}}",
        "weight_g: {type: weight_g, labels: {en: W, ru",
        "document",
        "transitions.item.receive.requires.weight_g: Object contains unknown field `labels`",
    ),
    ("  item: {}\n", "  item: 5\n", "item: 5", "document", "levels.item: Expected `object`, got `int`"),
    (
        "order: {contains: [item, parcel, case]}",
        "order: {contains: [item, parcel, case], save: {en: Save}}",
        "order: {contains: [item, parcel, case], save",
        "missing-words",
        "levels.order.save: no words in ru",
    ),
    ("version: 2", "version: 0", "version: 0", "version", "versions count from 1"),
    (
        "profile: shop",
        "profile: Shop No 1",
        "profile: Shop No 1",
        "wrong-key",
        "profile `Shop No 1`: small Latin letters, digits and underscores, a letter first",
    ),
    (
        "languages: [en, ru]",
        "languages: [en, ru, en]",
        "languages: [en, ru, en]",
        "languages",
        "a profile names its languages, each once",
    ),
    (
        "languages: [en, ru]",
        "languages: [en, ru, Russian]",
        "languages: [en, ru, Russian]",
        "languages",
        "`Russian` is no language code",
    ),
    (
        "label: {en: Queued, ru: В очереди}",
        "label: {en: Queued}",
        "queued: {phase: paid, initial: true, label: {",
        "missing-words",
        "states.item.queued.label: no words in ru",
    ),
    (
        "about: {en: It waits., ru: Ждёт.}",
        "about: {en: It waits.}",
        "queued: {phase: paid, initial: true, label: {",
        "missing-words",
        "states.item.queued.about: no words in ru",
    ),
    (
        "label: {en: Take, ru: Взять}\n",
        "label: {}\n",
        "label: {}",
        "missing-words",
        "transitions.item.take.label: no words in en, ru",
    ),
    (
        "words: {en: Explain it., ru: Объясните.}",
        "words: {ru: Объясните.}",
        "- {name: explained, rule: 'input.reason != \"o",
        "missing-words",
        "transitions.item.refuse.guards.0.words: no words in en",
    ),
    (
        "{type: date, optional: true, label: {en: Photographed, ru: Снято}}",
        "date",
        "photo_on: date",
        "missing-words",
        "transitions.item.receive.requires.photo_on.label: no words in en, ru",
    ),
    (
        "sold_out: {en: Sold out, ru: Распродано}",
        "sold_out: {en: Sold out}",
        "choices: {sold_out: {en: Sold out}, other: {e",
        "missing-words",
        "transitions.item.refuse.requires.reason.choices.sold_out: no words in ru",
    ),
    (
        "choices: {post: {en: Post, ru: Почта}}",
        "choices: {post: {en: Post}}",
        "delivery: {type: choice, default: post, choic",
        "missing-words",
        "settings.delivery.choices.post: no words in ru",
    ),
    (
        "'Waiting for {missing}.'",
        "'Waiting for {absent}.'",
        "words: {en: 'Waiting for {absent}.', ru: 'Ждё",
        "unknown-blank",
        "{absent} is filled by nobody; here: {missing}",
    ),
    (
        "'{done} of {all}'",
        "'{done} of {total}'",
        "- {of: items, states: [received, delivered], ",
        "unknown-blank",
        "{total} is filled by nobody; here: {all}, {done}",
    ),
    (
        "  case: {}\n",
        "  case: {}\n  wagon: {}\n",
        "wagon: {}",
        "unknown-level",
        "there is no kind of level `wagon`",
    ),
    (
        "contains: [item, parcel, case]",
        "contains: [item, parcel, case, haul]",
        "order: {contains: [item, parcel, case, haul]}",
        "unknown-level",
        "there is no level `haul`",
    ),
    (
        "holds: item,",
        "holds: case,",
        "parcel: {holds: case, max_per_order: 1}",
        "unknown-level",
        "a parcel cannot hold `case`: parcels hold item or order, hauls order",
    ),
    (
        "derive:\n  order:",
        "derive:\n  truck: []\n  order:",
        "truck: []",
        "unknown-level",
        "there is no level `truck`",
    ),
    (
        "  case: {}\n",
        "  case: {}\n  haul: {holds: order}\n",
        "haul: {holds: order}",
        "no-states",
        "level haul has no states",
    ),
    (
        "max_per_order: 1",
        "max_per_order: -1",
        "parcel: {holds: item, max_per_order: -1}",
        "document",
        "max_per_order counts from 1, or is left out",
    ),
    (
        "phase: packing, hidden",
        "phase: wrapping, hidden",
        "packaging: {parent: processing, phase: wrappi",
        "unknown-phase",
        "there is no phase `wrapping`",
    ),
    (
        "tone: problem",
        "tone: sad",
        "refused: {phase: failed, final: true, tone: s",
        "unknown-tone",
        "there is no tone `sad`",
    ),
    (
        "parent: processing, phase: packing",
        "parent: work, phase: packing",
        "packaging: {parent: work, phase: packing, hid",
        "unknown-state",
        "level item has no state `work` to be a parent",
    ),
    (
        "processing: {phase",
        "processing: {parent: buying, phase",
        "processing: {parent: buying, phase: procuring",
        "parent-circle",
        "state processing is its own parent, by way of others",
    ),
    (
        "processing: {phase",
        "processing: {final: true, phase",
        "processing: {final: true, phase: procuring, l",
        "parent-flags",
        "state processing is a parent and never entered: its children are initial or final",
    ),
    (
        "received: {phase: at_warehouse",
        "received: {initial: true, phase: at_warehouse",
        "item:",
        "initial-state",
        "level item needs one initial state, found queued, received",
    ),
    (
        "asked: {phase: delivered, initial: true",
        "asked: {phase: delivered, initial: true, final: true",
        "asked: {phase: delivered, initial: true, fina",
        "initial-state",
        "state asked cannot be both the beginning and the end",
    ),
    (
        "      to: received\n",
        "      to: packaging\n",
        "delivered: {phase: delivered, final: true, la",
        "unreachable-state",
        "no transition leads to state delivered of item",
    ),
    (
        "      from: [forming]\n      to: sent\n",
        "      from: [forming]\n",
        "forming: {phase: packing, initial: true, labe",
        "dead-end",
        "from state forming of parcel no final state can be reached",
    ),
    (
        "      from: [sent]\n      to: arrived\n",
        "      from: [sent, arrived]\n      to: sent\n",
        "arrive:",
        "final-exit",
        "arrive leaves state arrived, which is final",
    ),
    (
        "- {state: open, when: 'true'}",
        "- {state: open, when: 'order.quantity > 0'}",
        "order:",
        "derive-total",
        "the last rule of order must be 'true', so that one always holds",
    ),
    (
        "when: 'parcels.exists(p, p.state == \"arrived\")'",
        "when: 'true'",
        "- {state: done, when: 'true'}",
        "derive-total",
        "the rule for done always holds: those after it never do",
    ),
    (
        "- {state: partly_sent",
        "- {state: open",
        "partly_sent: {phase: outbound, label: {en: Pa",
        "unreachable-state",
        "no rule of order leads to state partly_sent",
    ),
    (
        "- {state: partly_sent",
        "- {state: half_sent",
        "- {state: half_sent, when: 'pieces(items.filt",
        "unknown-state",
        "level order has no state `half_sent`",
    ),
    (
        "- {state: done, when: 'parcels.exists(p, p.state == \"arrived\")'}\n    ",
        "",
        "order:",
        "dead-end",
        "no rule of order leads to a final state",
    ),
    (
        "      roles: [operator]\n      guard:",
        "      roles: []\n      guard:",
        "take:",
        "no-role",
        "nobody may do take",
    ),
    (
        "roles: [operator, support]",
        "roles: [operator, cook]",
        "roles: [operator, cook]",
        "unknown-role",
        "there is no role `cook`",
    ),
    (
        "      trigger: timer\n",
        "      trigger: bell\n",
        "trigger: bell",
        "unknown-trigger",
        "there is no trigger `bell`",
    ),
    (
        "roles: [operator, support]",
        "roles: [operator, support]\n      on: [DELIVERED]",
        "on: [DELIVERED]",
        "trigger",
        "describe waits for events, so its trigger is event",
    ),
    (
        '"on": [DELIVERED]',
        '"on": [DELIVERED, EATEN]',
        '"on": [DELIVERED, EATEN]',
        "unknown-event",
        "there is no event `EATEN`",
    ),
    (
        '      "on": [payment.paid]\n',
        "",
        "solve:",
        "trigger",
        "solve is open to payment, but `on` names no event of it",
    ),
    (
        '      "on": [DELIVERED]\n',
        '      "on": [payment.paid]\n',
        "arrive:",
        "trigger",
        "arrive is open to carrier, but `on` names no event of it",
    ),
    (
        "fire: expire}",
        "flag: old, label: {en: O, ru: С}}",
        "expire:",
        "trigger",
        "expire waits for a timer, but no timer of item fires it",
    ),
    (
        "from: [queued, received]",
        "from: [queued, recieved]",
        "from: [queued, recieved]",
        "unknown-state",
        "level item has no state `recieved`",
    ),
    (
        "      to: buying\n",
        "      to: bought\n",
        "to: bought",
        "unknown-state",
        "level item has no state `bought`",
    ),
    (
        "      to: buying\n",
        "      to: processing\n",
        "to: processing",
        "parent-target",
        "take leads to processing, which is a parent: name one of its children",
    ),
    (
        "      to: forming\n",
        "",
        "form:",
        "no-target",
        "form starts from nothing, so it must say `to` which state",
    ),
    (
        "      from: [open]\n",
        "      from: [open]\n      to: done\n",
        "reopen:",
        "derived-move",
        "reopen sets a state of order, but that level follows from its rules alone",
    ),
    (
        "    describe:\n",
        "    Describe it:\n",
        "Describe it:",
        "wrong-key",
        "transition `Describe it`: small Latin letters, digits and underscores, a letter first",
    ),
    (
        "        - {name: explained,",
        "        - {name: explained, rule: 'true', words: {en: Y, ru: Д}}\n        - {name: explained,",
        "- {name: explained, rule: 'input.reason != \"o",
        "duplicate",
        "two guards are named explained",
    ),
    (
        "from: [received], to: [buying, packaging]",
        "from: [delivered], to: [buying]",
        "- {level: item, from: [delivered], to: [buyin",
        "final-correction",
        "state delivered is final and stays as it is",
    ),
    (
        "from: [received], to: [buying, packaging]",
        "from: [received], to: [received]",
        "- {level: item, from: [received], to: [receiv",
        "correction",
        "a correction from received to itself corrects nothing",
    ),
    (
        "from: [received], to: [buying, packaging]",
        "from: [received], to: [processing]",
        "- {level: item, from: [received], to: [proces",
        "parent-target",
        "the correction leads to processing, which is a parent: name one of its children",
    ),
    (
        "from: [received], to: [buying, packaging]",
        "from: [received], to: []",
        "- {level: item, from: [received], to: [], rol",
        "no-target",
        "a correction needs `from` and `to`",
    ),
    (
        "to: [buying, packaging], roles: [supervisor]",
        "to: [buying, packaging], roles: []",
        "- {level: item, from: [received], to: [buying",
        "no-role",
        "nobody may make this correction",
    ),
    (
        "to: [buying, packaging], roles: [supervisor]",
        "to: [buying, packaging], roles: [carrier]",
        "- {level: item, from: [received], to: [buying",
        "unknown-role",
        "there is no role of people `carrier`",
    ),
    (
        "{level: item, from: [received], to: [buying, packaging]",
        "{level: order, from: [open], to: [partly_sent]",
        "- {level: order, from: [open], to: [partly_se",
        "derived-move",
        "the state of order follows from its rules and cannot be corrected",
    ),
    (
        "    expire:\n",
        "    correct_received_buying: {from: [received], roles: [system]}\n    expire:\n",
        "- {level: item, from: [received], to: [buying",
        "duplicate",
        "level item already has a move correct_received_buying",
    ),
    (
        "  corrections:\n",
        "  corrections:\n    - {level: item, from: [received], to: buying, roles: [logist], label: {en: B, ru: Н}}\n",
        "- {level: item, from: [received], to: [buying",
        "duplicate",
        "level item already has a move correct_received_buying",
    ),
    (
        "shop_code: {",
        "version: {",
        "version: {type: code, optional: true, label: ",
        "reserved-column",
        "`version` is a column or flag of every table of moves: choose another name",
    ),
    (
        "shop_code: {",
        "Shop-Code: {",
        "Shop-Code: {type: code, optional: true, label",
        "wrong-key",
        "field `Shop-Code`: small Latin letters, digits and underscores, a letter first",
    ),
    (
        "{type: code, optional",
        "{type: colour, optional",
        "shop_code: {type: colour, optional: true, lab",
        "unknown-type",
        "there is no type of field `colour`",
    ),
    (
        "note: {type: text, optional: true, max_length: 20}}",
        "note: {type: code, optional: true, max_length: 20}}",
        "note: {type: text, optional: true, max_length",
        "field-type",
        "note of item is text here and code in another move",
    ),
    (
        "{type: code, optional: true",
        "{type: code, optional: true, any: true",
        "shop_code: {type: code, optional: true, any: ",
        "field-option",
        "shop_code: any belongs to tracking_number, not to code",
    ),
    (
        "          choices: {sold_out: {en: Sold out, ru: Распродано}, other: {en: Other, ru: Другое}}\n",
        "",
        "reason:",
        "field-option",
        "reason: a choice needs choices",
    ),
    (
        "weight_g: weight_g",
        "weight_g: {type: weight_g, min: 9, max: 3}",
        "weight_g: {type: weight_g, min: 9, max: 3}",
        "limits",
        "weight_g: min is above max",
    ),
    (
        "{type: code, optional",
        "{type: code, max_length: -3, optional",
        "shop_code: {type: code, max_length: -3, optio",
        "limits",
        "shop_code: max_length is below 1",
    ),
    (
        "{type: money, label",
        "{type: money, currency: RUR, label",
        "actual_price: {type: money, currency: RUR, la",
        "unknown-currency",
        "actual_price: there is no currency RUR",
    ),
    (
        "default: 4, min: 1",
        "default: 40, min: 1",
        "stall_days: {type: integer, default: 40, min:",
        "limits",
        "setting stall_days: the default 40 is none of its values",
    ),
    (
        "is_strict: {type: boolean, default: true",
        "is_strict: {type: boolean, default: 1",
        "is_strict: {type: boolean, default: 1, label:",
        "limits",
        "setting is_strict: the default 1 is none of its values",
    ),
    (
        "default: post,",
        "default: pigeon,",
        "delivery: {type: choice, default: pigeon, cho",
        "limits",
        "setting delivery: the default 'pigeon' is none of its values",
    ),
    (
        "default: Hello",
        "default: 5",
        "greeting: {type: text, default: 5, label: {en",
        "limits",
        "setting greeting: the default 5 is none of its values",
    ),
    (
        "greeting: {type: text",
        "greeting: {type: song",
        "greeting: {type: song, default: Hello, label:",
        "unknown-type",
        "there is no type of setting `song`",
    ),
    (
        "effects: [ledger.debit]",
        "effects: [ledger.print_money]",
        "effects: [ledger.print_money]",
        "unknown-effect",
        "there is no effect `ledger.print_money`",
    ),
    (
        "effects: [ledger.debit]",
        "effects: [notify]",
        "effects: [notify]",
        "effect-parameters",
        "notify needs `who`",
    ),
    (
        "effects: [ledger.debit]",
        "effects: [{ledger.debit: {}, notify: {who: [buyer]}}]",
        "effects: [{ledger.debit: {}, notify: {who: [b",
        "effect-parameters",
        "an effect is a name, or one name with its parameters",
    ),
    (
        "{notify: {who: [buyer, reseller]}}",
        "{notify: {who: buyer}}",
        "effects: [ledger.refund_full, {notify: {who: ",
        "effect-parameters",
        "notify, who: a list of roles",
    ),
    (
        "{notify: {who: [buyer, reseller]}}",
        "{notify: {who: [buyer], how: loudly}}",
        "effects: [ledger.refund_full, {notify: {who: ",
        "effect-parameters",
        "notify takes no `how`; it takes who",
    ),
    (
        "{notify: {who: [buyer, reseller]}}",
        "{notify: {who: [buyer], words: Sold out.}}",
        "effects: [ledger.refund_full, {notify: {who: ",
        "effect-parameters",
        "notify, words: a sentence by language",
    ),
    (
        "{notify: {who: [buyer, reseller]}}",
        "{notify: {who: [buyer], words: {en: 'Sold out: {thing}.'}}}",
        "effects: [ledger.refund_full, {notify: {who: ",
        "missing-words",
        "transitions.item.refuse.effects.1.notify.words: no words in ru",
    ),
    (
        "{notify: {who: [buyer, reseller]}}",
        "{notify: {who: [buyer], words: {en: 'Sold out: {goods}.', ru: 'Нет в наличии: {thing}.'}}}",
        "effects: [ledger.refund_full, {notify: {who: ",
        "unknown-blank",
        "{goods} is filled by nobody; here: ",
    ),
    (
        "{notify: {who: [buyer, reseller]}}",
        "{notify: {who: [end_buyer], words: {en: 'Costs {actual_price}.', ru: 'Стоит {actual_price}.'}}}",
        "effects: [ledger.refund_full, {notify: {who: ",
        "hidden-blank",
        "notify: {actual_price} is hidden from end_buyer",
    ),
    (
        "{notify: {who: [buyer, reseller]}}",
        "{notify: {who: [buyer, carrier]}}",
        "effects: [ledger.refund_full, {notify: {who: ",
        "unknown-role",
        "there is no role of people `carrier`",
    ),
    (
        "effects: [ledger.refund_full, {notify: {who: [buyer, reseller]}}, {task.create: {queue: logist}}]",
        "effects: [{task.create: {queue: nobody}}]",
        "effects: [{task.create: {queue: nobody}}]",
        "unknown-role",
        "there is no role of people `nobody`",
    ),
    (
        "{days: window_days}",
        "{days: windows}",
        "effects: [{window.open: {days: windows}}]",
        "unknown-setting",
        "there is no setting with a whole number `windows`",
    ),
    (
        "{days: window_days}",
        "{days: 0}",
        "effects: [{window.open: {days: 0}}]",
        "effect-parameters",
        "window.open, days: a number of days or the name of a setting",
    ),
    (
        "{share: 'item.quantity > 1 ? 500 : 1000'}",
        "{share: 500}",
        "effects: [{ledger.refund: {share: 500}}]",
        "effect-parameters",
        "ledger.refund, share: a text, not 500",
    ),
    (
        "{children.fire: deliver}",
        "{children.fire: devour}",
        "effects: [{children.fire: devour}]",
        "unknown-move",
        "children.fire: item beside parcel has no transition `devour`",
    ),
    (
        "{children.fire: deliver}",
        "{children.fire: take}",
        "effects: [{children.fire: take}]",
        "no-role",
        "children.fire: `take` of item is not open to system, so it cannot be fired",
    ),
    (
        "{children.fire: deliver}",
        "{children.fire: {name: deliver, with: [weight_g]}}",
        "effects: [{children.fire: {name: deliver, wit",
        "effect-parameters",
        "children.fire, with: a field of this move by field of the fired one",
    ),
    (
        "{children.fire: deliver}",
        "{children.fire: {name: deliver, with: {colour: shade}}}",
        "effects: [{children.fire: {name: deliver, wit",
        "unknown-field",
        "there is no field of item.deliver `colour`",
    ),
    (
        "{children.fire: deliver}",
        "{children.fire: 5}",
        "effects: [{children.fire: 5}]",
        "effect-parameters",
        "children.fire, name: a text, not 5",
    ),
    (
        "level: order}",
        "level: shelf}",
        "effects: [track.start, {parent.fire: {name: r",
        "unknown-level",
        "there is no level `shelf`",
    ),
    (
        "      from: [open]\n",
        "      from: [open]\n      effects: [{children.fire: twin}]\n",
        "effects: [{children.fire: twin}]",
        "unknown-move",
        "children.fire: item, parcel, case beside order has no transition `twin`",
    ),
    (
        "anchor: placed",
        "anchor: birthday",
        "late: {in: [processing], anchor: birthday, af",
        "unknown-anchor",
        "there is no anchor `birthday`",
    ),
    (
        "after: 24 hours",
        "after: a while",
        "expiry: {in: [queued], anchor: state_entry, a",
        "timer-length",
        "`a while` is no length of time: as `5 working_days`, `24 hours`, `2 days`",
    ),
    (
        "after: {setting: stall_days, unit: working_days}",
        "after: {setting: stall_days, unit: moons}",
        "after: {setting: stall_days, unit: moons}",
        "timer-length",
        "there is no unit `moons`",
    ),
    (
        "after: {setting: stall_days, unit: working_days}",
        "after: {unit: working_days}",
        "after: {unit: working_days}",
        "timer-length",
        "either `setting` or `field` says how long",
    ),
    (
        "after: {setting: stall_days, unit: working_days}",
        "after: {setting: is_strict, unit: working_days}",
        "after: {setting: is_strict, unit: working_day",
        "unknown-setting",
        "there is no setting with a whole number `is_strict`",
    ),
    (
        "after: {field: processing_days, unit: days}",
        "after: {field: name, unit: days}",
        "late: {in: [processing], anchor: placed, afte",
        "unknown-field",
        "there is no number of item `name`",
    ),
    ("calendar: CN", "calendar: ZZ", "calendar: ZZ", "unknown-calendar", "no calendar of `ZZ` is known"),
    (
        "      calendar: CN\n",
        "",
        "stalled:",
        "unknown-calendar",
        "working days are those of a country: say which, as `calendar: CN`",
    ),
    (
        "flag: late, label: {en: Late, ru: Поздно}}",
        "label: {en: Late, ru: Поздно}}",
        "late: {in: [processing], anchor: placed, afte",
        "timer-idle",
        "timer late does nothing: give it effects, fire, flag or ahead",
    ),
    (
        "flag: late,",
        "flag: 'late!',",
        "late: {in: [processing], anchor: placed, afte",
        "wrong-key",
        "flag `late!`: small Latin letters, digits and underscores, a letter first",
    ),
    (
        "flag: late,",
        "fire: explode, flag: late,",
        "late: {in: [processing], anchor: placed, afte",
        "unknown-move",
        "level item has no transition `explode`",
    ),
    (
        "flag: late,",
        "fire: refuse, flag: late,",
        "late: {in: [processing], anchor: placed, afte",
        "no-role",
        "`refuse` is not open to timer, so timer late cannot fire it",
    ),
    (
        "flag: late,",
        "fire: expire, flag: late,",
        "late: {in: [processing], anchor: placed, afte",
        "unknown-move",
        "`expire` starts in none of the states in which timer late runs",
    ),
    (
        "in: [queued], anchor",
        "in: [queue], anchor",
        "expiry: {in: [queue], anchor: state_entry, af",
        "unknown-state",
        "level item has no state `queue`",
    ),
    (
        "{of: items, states",
        "{of: boxes, states",
        "- {of: boxes, states: [received, delivered], ",
        "unknown-level",
        "there is no list to count `boxes`",
    ),
    (
        "shown_in: [open]",
        "shown_in: [closed]",
        "- {of: items, states: [received, delivered], ",
        "unknown-state",
        "level order has no state `closed`",
    ),
    (
        "progress:\n  order:\n",
        "progress:\n  item:\n",
        "item:",
        "unknown-level",
        "there is no level with progress `item`",
    ),
    (
        "states: {order: [done]}",
        "states: {order: []}",
        "- {key: over, label: {en: Over, ru: Готово}, ",
        "unknown-state",
        "stage over stands for no state",
    ),
    (
        "states: {order: [done]}",
        "states: {order: [finished]}",
        "- {key: over, label: {en: Over, ru: Готово}, ",
        "unknown-state",
        "level order has no state `finished`",
    ),
    (
        "states: {order: [done]}",
        "states: {order: [done], cart: [x]}",
        "- {key: over, label: {en: Over, ru: Готово}, ",
        "unknown-level",
        "there is no level `cart`",
    ),
    (
        "key: over,",
        "key: buying,",
        "- {key: buying, label: {en: Over, ru: Готово}",
        "duplicate",
        "two stages are named buying",
    ),
    (
        "    end_buyer: {item",
        "    thief: {item",
        "thief: {item: [processing, received], hide: [",
        "unknown-role",
        "there is no role of people `thief`",
    ),
    (
        "end_buyer: {item: [processing, received]",
        "end_buyer: {things: [processing]",
        "end_buyer: {things: [processing], hide: [acco",
        "unknown-level",
        "there is no level `things`",
    ),
    (
        "hide: [account, internal_note, actual_price]",
        "hide: [account, internal_notes]",
        "end_buyer: {item: [processing, received], hid",
        "unknown-field",
        "there is no `internal_notes` to hide: neither an attribute nor a supplied field",
    ),
    (
        "'account.available >= item.quote_total'",
        "'account.available >= '",
        "guard: 'account.available >= '",
        "cel-syntax",
        "`account.available >= `: character 22: Syntax error: mismatched input '<EOF>' expecting {'[', '{', '",
    ),
    (
        "'account.available >= item.quote_total'",
        "'account.avail >= item.quote_total'",
        "guard: 'account.avail >= item.quote_total'",
        "cel-name",
        "`account.avail >= item.quote_total`: avail is not known here",
    ),
    (
        "'account.available >= item.quote_total'",
        "'haul.state == \"x\"'",
        "guard: 'haul.state == \"x\"'",
        "cel-name",
        '`haul.state == "x"`: there is no haul here',
    ),
    (
        "'account.available >= item.quote_total'",
        "'true || items.exists(i, i.colour == \"x\")'",
        "guard: 'true || items.exists(i, i.colour == \"",
        "cel-name",
        '`true || items.exists(i, i.colour == "x")`: colour is not known here',
    ),
    (
        "'account.available >= item.quote_total'",
        "'items.exists(item, item.state == \"x\")'",
        'guard: \'items.exists(item, item.state == "x")',
        "cel-name",
        '`items.exists(item, item.state == "x")`: item already means something here; choose another name inside exists',
    ),
    (
        "'account.available >= item.quote_total'",
        "'order.exists(o, o == 1)'",
        "guard: 'order.exists(o, o == 1)'",
        "cel-name",
        "`order.exists(o, o == 1)`: exists goes through a list, not through a record",
    ),
    (
        "'account.available >= item.quote_total'",
        "'item.state.size == 1'",
        "guard: 'item.state.size == 1'",
        "cel-name",
        "`item.state.size == 1`: a text has no size",
    ),
    (
        "rule: 'items.all(i,",
        "rule: 'parcel.weight_g > 0 && items.all(i,",
        "- name: all_are_in",
        "cel-name",
        '`parcel.weight_g > 0 && items.all(i, i.state in ["received", "refused"]) && items.exists(i, i.state ',
    ),
    (
        "!settings.is_strict",
        "!settings.is_stricter",
        "- name: price_agreed",
        "cel-name",
        "`input.actual_price * 100 <= item.agreed_price * 110 || !settings.is_stricter`: is_stricter is not known here",
    ),
    (
        'input.note != ""',
        'input.notes != ""',
        "- {name: explained, rule: 'input.reason != \"o",
        "cel-name",
        '`input.reason != "other" || input.notes != ""`: notes is not known here',
    ),
    (
        'item.fields.note != ""',
        'item.fields.chapter != ""',
        "unless: 'item.fields.chapter != \"\"'",
        "cel-name",
        '`item.fields.chapter != ""`: chapter is not known here',
    ),
    (
        "unless: 'item.fields.note != \"\"'",
        "unless: 'input.note != \"\"'",
        "unless: 'input.note != \"\"'",
        "cel-name",
        '`input.note != ""`: there is no input here',
    ),
    (
        "'account.available >= item.quote_total'",
        "'weekday(now) > 5'",
        "guard: 'weekday(now) > 5'",
        "cel-function",
        "`weekday(now) > 5`: there is no function weekday",
    ),
    (
        "'account.available >= item.quote_total'",
        "'account.available + item.quote_total'",
        "guard: 'account.available + item.quote_total'",
        "cel-result",
        "`account.available + item.quote_total` yields 4, not true or false",
    ),
    (
        "'account.available >= item.quote_total'",
        "'account.available >= item.name'",
        "guard: 'account.available >= item.name'",
        "cel-result",
        "`account.available >= item.name` fails on sample data: No such overload: the operation is not define",
    ),
    (
        "'account.available >= item.quote_total'",
        "'account.available > 1.5'",
        "guard: 'account.available > 1.5'",
        "cel-result",
        "`account.available > 1.5`: a fraction; count in whole minor units and per mille",
    ),
    (
        'missing: \'items.filter(i, !(i.state in ["received", "refused"]))\'',
        "missing: 'items.size()'",
        "missing: 'items.size()'",
        "cel-result",
        "`items.size()` yields 2, not a list",
    ),
    (
        "'item.quantity > 1 ? 500 : 1000'",
        "'item.quantity > 1'",
        "effects: [{ledger.refund: {share: 'item.quant",
        "cel-result",
        "`item.quantity > 1` yields True, not a whole number per mille",
    ),
]


@pytest.mark.parametrize(("old", "new", "line", "rule", "words"), PLANTED)
def test_a_planted_fault_is_told_with_its_line(old: str, new: str, line: str, rule: str, words: str) -> None:
    assert old in SHOP
    planted = SHOP.replace(old, new, 1)
    lines = [number for number, text in enumerate(planted.splitlines(), 1) if text.strip().startswith(line)]
    told = [fault for fault in profiles.faults_of(planted, "shop.yaml") if fault.words.startswith(words)]
    assert [(fault.source, fault.rule) for fault in told] == [("shop.yaml", rule)]
    assert told[0].line in lines


def test_a_sound_profile_has_no_faults() -> None:
    assert profiles.faults_of(SHOP, "shop.yaml") == ()


def test_all_faults_are_told_at_once_by_line() -> None:
    planted = SHOP.replace("version: 2", "version: 0").replace("calendar: CN", "calendar: ZZ")
    planted = planted.replace("effects: [ledger.debit]", "effects: [ledger.print]")
    told = profiles.faults_of(planted, "shop.yaml")
    assert [fault.rule for fault in told] == ["version", "unknown-effect", "unknown-calendar"]
    assert str(told[0]) == "shop.yaml:3: version: versions count from 1"


def test_a_wrong_part_does_not_hide_the_faults_of_another() -> None:
    planted = SHOP.replace("      roles: [operator]\n      guard:", "      roles: operator\n      guard:")
    planted = planted.replace("calendar: CN", "calendar: ZZ")
    assert {fault.rule for fault in profiles.faults_of(planted, "shop.yaml")} >= {
        "document",
        "unknown-calendar",
    }


def test_a_rule_leads_to_no_parent() -> None:
    planted = SHOP.replace(
        "    open: {phase",
        "    reopened: {parent: open, phase: procuring, label: {en: R, ru: О}}\n    open: {phase",
    )
    words = {
        fault.words for fault in profiles.faults_of(planted, "shop.yaml") if fault.rule == "parent-target"
    }
    assert words == {"a rule leads to open, which is a parent: name one of its children"}


def test_a_parcel_is_made_only_where_there_are_parcels() -> None:
    planted = (
        SHOP.replace("  case: {}\n", "")
        .replace("parcel, case]", "case]")
        .replace("  parcel: {holds", "  case: {holds")
    )
    words = [fault.words for fault in profiles.faults_of(planted, "shop.yaml")]
    assert "parcel.create needs a level parcel" in words


def test_a_wrong_key_within_a_list_is_found() -> None:
    planted = SHOP.replace("words: {en: Explain it., ru: Объясните.}", "words: {en: Explain it., ru: 5}")
    line = next(number for number, text in enumerate(planted.splitlines(), 1) if "ru: 5}" in text)
    told = [fault for fault in profiles.faults_of(planted, "shop.yaml") if fault.rule == "document"]
    words = "transitions.item.refuse.guards.0.words.ru: Expected `str`, got `int`"
    assert [(fault.line, fault.words) for fault in told] == [(line, words)]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("{days: window_days}", "{days: 14}"),
        ("{type: money, label", "{type: money, currency: CNY, label"),
        ("calendar: CN", "calendar: UA"),
        ("to: [buying, packaging]", "to: buying"),
        ("version: 2", "version: 3"),
    ],
)
def test_what_is_right_in_another_way_is_no_fault(old: str, new: str) -> None:
    assert profiles.faults_of(SHOP.replace(old, new), "shop.yaml") == ()


def test_what_two_levels_have_is_fired_at_a_named_one() -> None:
    planted = SHOP.replace("    solve:\n", "    deliver:\n").replace(
        "payment, seller]", "payment, seller, system]"
    )
    planted = planted.replace(
        "      from: [open]\n", "      from: [open]\n      effects: [{children.fire: deliver}]\n"
    )
    words = [fault.words for fault in profiles.faults_of(planted, "shop.yaml")]
    assert words == ["children.fire: item and case have `deliver`: say which level"]


@pytest.mark.parametrize("name", profiles.names())
def test_every_profile_we_ship_is_sound(name: str) -> None:
    assert profiles.faults_of(profiles.text(name), name) == ()
    assert profiles.workflow(name).profile == name


@pytest.mark.parametrize("name", profiles.names())
def test_every_profile_we_ship_speaks_five_languages(name: str) -> None:
    assert set(profiles.workflow(name).languages) >= {"ru", "bg", "kk", "uk", "en"}

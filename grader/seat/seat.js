// The seat: you are the scheduler of a node whose every schedule is known beforehand.
//
// The tree (grader/seat/tree.py) is all that is needed: no kernel, no network. The rules come first, as pure
// functions; then what is drawn. In a notebook the file is an anywidget, in a page `mount` is called.

// ---- the rules -------------------------------------------------------------------------------------------

/** A game: the moves made so far, as places in the tree. Games are values: each function gives a new one. */
export function begin(tree) {
  return { at: tree.first, path: [], refused: "" };
}

export function position(tree, game) {
  return tree.positions[game.at];
}

/** Preemptions made so far: switches away from somebody who could have gone on. */
export function preemptions(tree, game) {
  return game.path.reduce((sum, { from, way }) => sum + tree.positions[from].moves[way].cost, 0);
}

/** The game after one more move, named by its token: `1` for the first handler, say; `u` is one back, `r` again. */
export function press(tree, game, token) {
  if (token === "u") return undo(tree, game);
  if (token === "r") return begin(tree);
  const moves = position(tree, game).moves;
  const way = moves.findIndex((move) => move.token === token);
  if (way < 0) return { ...game, refused: whyNot(tree, game, token) };
  if (moves[way].to === null) return { ...game, refused: "the tree is cut here: nobody has run further", isCut: true };
  return { at: moves[way].to, path: [...game.path, { from: game.at, way }], refused: "" };
}

export function undo(tree, game) {
  if (game.path.length === 0) return { ...game, refused: "" };
  const last = game.path[game.path.length - 1];
  return { at: last.from, path: game.path.slice(0, -1), refused: "" };
}

/** The game that these moves make, `1 1 2`; it ends at the first that can't be made. */
export function play(tree, text) {
  let game = begin(tree);
  for (const token of text.split(/[\s,]+/).filter(Boolean)) {
    game = press(tree, game, token);
    if (game.refused) break;
  }
  return game;
}

export function moves(tree, game) {
  return game.path.map(({ from, way }) => tree.positions[from].moves[way].token).join(" ");
}

/** Why this one can't go on. */
export function whyNot(tree, game, token) {
  const here = position(tree, game);
  if (here.moves.length === 0) return "it is over: undo, or start again";
  const column = tree.columns[Number(token)];
  if (!column) return `${token} is nobody`;
  const worker = here.workers.find((one) => one.worker === column.worker);
  if (!worker) return `${column.title} has not begun yet`;
  if (worker.state === "ended") return `${worker.title} has ended`;
  return `${worker.title} ${worker.why || "can't go on"}`;
}

/** How many schedules there are from the first choice on, and how many of them fail, by preemptions; only up to
 * the level to which the tree is whole, as of those with more only some are in it. */
export function count(tree) {
  const known = new Map();
  const add = (into, from, cost) => {
    for (const [used, [all, failing]] of from) {
      const [a, f] = into.get(used + cost) ?? [0, 0];
      into.set(used + cost, [a + all, f + failing]);
    }
  };
  const visit = (at) => {
    if (!known.has(at)) {
      const here = tree.positions[at];
      const found = new Map();
      if (here.moves.length === 0) found.set(0, [1, here.code ? 1 : 0]);
      for (const move of here.moves) if (move.to !== null) add(found, visit(move.to), move.cost);
      known.set(at, found);
    }
    return known.get(at);
  };
  const rows = [...visit(tree.first)].sort(([a], [b]) => a - b);
  const top = tree.level === null || tree.level < 0 ? Infinity : tree.level;
  return rows.filter(([used]) => used <= top).map(([used, [all, failing]]) => ({ preemptions: used, all, failing }));
}

/** The schedule that fails with the fewest preemptions, and of these the shortest; null if none does. */
export function shortest(tree) {
  const best = new Map([[tree.first, { cost: 0, game: begin(tree) }]]);
  const queue = [tree.first];
  const isLess = (a, b) => a.cost < b.cost || (a.cost === b.cost && a.game.path.length < b.game.path.length);
  while (queue.length > 0) {
    const at = queue.shift();
    const { cost, game } = best.get(at);
    tree.positions[at].moves.forEach((move, way) => {
      if (move.to === null) return;
      const next = { cost: cost + move.cost, game: { at: move.to, path: [...game.path, { from: at, way }], refused: "" } };
      if (!best.has(move.to) || isLess(next, best.get(move.to))) {
        best.set(move.to, next);
        queue.push(move.to);
      }
    });
  }
  const failing = [...best].filter(([at]) => tree.positions[at].code).map(([, one]) => one);
  return failing.length ? failing.reduce((a, b) => (isLess(b, a) ? b : a)).game : null;
}

/** Whether a level's goal is reached: this failure, with so many preemptions at most. */
export function isReached(tree, game, goal) {
  const here = position(tree, game);
  if (!goal || here.moves.length > 0) return false;
  return (goal.code === "" ? here.code === "" : goal.code === "*" ? here.code !== "" : here.code === goal.code)
    && (goal.preemptions === null || preemptions(tree, game) <= goal.preemptions);
}

/** The key of each button, by its token: a digit for a column, where there is one; else the token's first letter if
 * it is free, or another letter. The keys of undo and again are nobody's. */
export function keysOf(tree, here) {
  const free = [..."abcdefghijklmnopqstvwxyz"];
  const keys = {};
  const others = here.moves.map((move) => move.token).filter((token) => !/^[0-9]+$/.test(token));
  for (const token of [...tree.columns.map((_, number) => String(number)), ...others]) {
    if (/^[0-9]$/.test(token)) keys[token] = token;
    else {
      const key = free.includes(token[0]) ? token[0] : /^[0-9]/.test(token) ? free[free.length - 1] : free[0];
      keys[token] = key ?? "";
      free.splice(free.indexOf(key), key ? 1 : 0);
    }
  }
  return keys;
}

/** What is counted of a tree that is cut. */
function upTo(level) {
  return level < 0 ? "Counted where the tree is not cut" : `Counted up to ${level} preemptions`;
}

/** What is said of the goal at the end of a schedule. */
export function verdict(tree, game, goal) {
  if (isReached(tree, game, goal)) return "★ Goal reached.";
  const used = preemptions(tree, game);
  if (goal.preemptions !== null && isReached(tree, game, { ...goal, preemptions: null })) {
    return `This is it, but with ${used} preemption${used === 1 ? "" : "s"}: ${goal.preemptions} allowed.`;
  }
  return "The goal is not reached by this schedule.";
}

/** What the last move did, in a sentence; or why there was none. */
export function told(tree, game) {
  if (game.refused) return game.refused;
  if (game.path.length === 0) return "Choose who goes on.";
  const { from, way } = game.path[game.path.length - 1];
  const move = tree.positions[from].moves[way];
  const titles = Object.fromEntries(tree.columns.map((one) => [one.worker, one.title])); // of who has ended, too
  const place = (one) => `${one.file === tree.node ? "" : `${one.file} `}line ${one.line}`;
  const did = move.did.map((one) => `${titles[one.worker] ?? one.worker}, ${place(one)}: ${one.text}`);
  const who = move.kind === "turn" ? titles[move.worker] ?? move.worker : move.worker;
  const what = did.length ? did.join("; ") : move.kind === "turn" ? `${who} goes on, up to the next point` : move.label;
  return `${move.cost ? "Preemption. " : ""}${what}.`;
}

// ---- the picture -----------------------------------------------------------------------------------------

const AROUND = 4; // lines shown above and below the one that is next
const KEYS = { u: "undo", r: "again" };

const STYLE = `
.seat { font: 14px/1.45 system-ui, sans-serif; color: inherit; container-type: inline-size; text-align: left;
  --line: color-mix(in srgb, currentColor 24%, transparent); --soft: color-mix(in srgb, currentColor 8%, transparent);
  --mark: color-mix(in srgb, #d98c00 32%, transparent); --bad: color-mix(in srgb, #d02020 24%, transparent);
  --good: color-mix(in srgb, #208a3c 24%, transparent); }
.seat:focus-visible { outline: 2px solid #3b82f6; outline-offset: 3px; }
.seat h4 { margin: 0 0 .3em; font-size: 1em; } .seat p { margin: .3em 0; }
.seat-bar { display: flex; flex-wrap: wrap; gap: .5em; align-items: stretch; margin: .5em 0; }
.seat button { font: inherit; color: inherit; background: var(--soft); border: 1px solid var(--line); border-radius: 6px;
  padding: .35em .8em; cursor: pointer; text-align: left; }
.seat button:hover:not([aria-disabled=true]) { border-color: currentColor; }
.seat button:focus-visible { outline: 2px solid #3b82f6; outline-offset: 1px; }
.seat button.seat-who { flex: 1 1 9em; padding: .7em 1em; font-weight: 600; }
.seat button[aria-disabled=true] { opacity: .62; border-style: dashed; cursor: not-allowed; font-weight: 400; }
.seat button small { display: block; font-weight: 400; }
.seat kbd { font: 600 .85em ui-monospace, monospace; border: 1px solid var(--line); border-radius: 4px; padding: 0 .35em; }
.seat-lanes { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 17em), 1fr)); gap: .6em; }
.seat-world { display: grid; grid-template-columns: minmax(0, 2fr) minmax(0, 3fr); gap: .6em; margin: 0 0 .6em; }
@container (max-width: 40em) { .seat-world { grid-template-columns: minmax(0, 1fr); } }
.seat-box { border: 1px solid var(--line); border-radius: 6px; padding: .5em .6em; min-width: 0; }
.seat-box.is-waiting, .seat-box.is-ended { border-style: dashed; }
.seat pre { margin: .2em 0; padding: 0; font: 12px/1.5 ui-monospace, SFMono-Regular, Menlo, monospace; overflow-x: auto; background: none; color: inherit; }
.seat-source span { display: block; white-space: pre-wrap; word-break: break-all; padding: 0 .3em 0 5em; text-indent: -4.7em; }
.seat-out span { display: block; white-space: pre-wrap; overflow-wrap: anywhere; padding: 0 .3em 0 1.5em; text-indent: -1.2em; }
.seat-source span.is-next { background: var(--mark); font-weight: 600; }
.seat pre i { display: inline-block; min-width: 3.2em; text-indent: 0; font-style: normal; opacity: .6; user-select: none; }
.seat dl { margin: 0; display: grid; grid-template-columns: auto 1fr; gap: 0 .7em; font: 12px/1.6 ui-monospace, monospace; }
.seat dt, .seat dd { margin: 0; overflow-wrap: anywhere; } .seat .is-new { background: var(--mark); }
.seat-said { border-left: 4px solid var(--line); padding: .3em .7em; margin: .5em 0; min-height: 1.5em; }
.seat-said.is-refused { border-left-style: dotted; }
.seat-end { border: 2px solid var(--line); border-radius: 6px; padding: .5em .8em; margin: .5em 0; }
.seat-end.is-bad { background: var(--bad); } .seat-end.is-good { background: var(--good); }
.seat-used { align-self: center; }
.seat input { font: 13px ui-monospace, monospace; flex: 1 1 12em; min-width: 8em; color: inherit; background: transparent; border: 1px solid var(--line); border-radius: 6px; padding: .35em .5em; }
.seat table { border-collapse: collapse; font-size: 13px; } .seat th, .seat td { padding: .1em .9em .1em 0; text-align: right; }
@media print { .seat-bar { display: none; } }
`;

/** Put the seat into an element. `options`: `goal`, `moves` to begin with, `onMove(text)`, and `further(text)` where
 * somebody can run the node beyond a cut: it is answered by a new `tree` and by `further(text, refused)`. */
export function mount(element, tree, options = {}) {
  let game = play(tree, options.moves ?? "");
  let more = "";
  let asked = ""; // the moves that wait for the tree to be grown
  const root = make("div", { class: "seat", tabindex: "0", role: "application", "aria-label": `You are the scheduler of ${tree.node}: ${tree.title}` });
  const live = make("div", { class: "seat-said", role: "status", "aria-live": "polite" });
  const shown = make("div");
  root.append(make("style", {}, STYLE), shown);
  element.append(root);

  const go = (next, text = "") => {
    const asks = next.isCut && options.further && text;
    asked = asks ? text : "";
    game = asks ? { ...next, refused: "Here the tree is cut. The kernel runs the node further …" } : next;
    more = "";
    draw();
    options.onMove?.(moves(tree, game));
    if (asks) options.further(text);
  };
  const move = (token) => go(press(tree, game, token), `${moves(tree, game)} ${token}`.trim());
  const acts = {
    undo: () => go(undo(tree, game)),
    again: () => go(begin(tree)),
    shortest: () => { const found = shortest(tree); found ? go(found) : tell("No schedule of this tree fails."); },
    count: () => tell(table(tree)),
  };
  const tell = (what) => { more = what; draw(); };

  root.addEventListener("keydown", (event) => {
    if (event.target.tagName === "INPUT" || event.ctrlKey || event.metaKey || event.altKey) return;
    const [token] = Object.entries(keysOf(tree, position(tree, game))).find(([, key]) => key === event.key) ?? [];
    const isMove = token !== undefined || /^[0-9]$/.test(event.key); // who is nobody hears so
    const act = KEYS[event.key] ? acts[KEYS[event.key]] : isMove ? () => move(token ?? event.key) : null;
    if (!act) return;
    event.preventDefault();
    event.stopPropagation(); // a notebook has keys of its own
    act();
  });

  function draw() {
    const focused = root.contains(document.activeElement) ? document.activeElement.dataset?.act : undefined;
    const here = position(tree, game);
    const before = game.path.length ? tree.positions[game.path[game.path.length - 1].from] : here;
    live.textContent = told(tree, game);
    live.classList.toggle("is-refused", game.refused !== "");
    root.setAttribute("aria-busy", String(asked !== ""));
    shown.replaceChildren(
      ...(options.goal ? [make("p", { class: "seat-goal" }, make("b", {}, "Goal: "), options.goal.text)] : []),
      whoBar(tree, game, move),
      live,
      ...end(tree, game, here, options.goal),
      make("div", { class: "seat-world" }, shared(tree, here, before), output(here, before)),
      make("div", { class: "seat-lanes" }, ...tree.columns.map((column) => lane(tree, here, column)).filter(Boolean)),
      toolBar(tree, game, acts, (text) => go(play(tree, text), text.trim())),
      ...(more ? [typeof more === "string" ? make("p", {}, more) : more] : []),
    );
    const again = focused && root.querySelector(`[data-act="${CSS.escape(focused)}"]`);
    if (again) again.focus(); else if (focused !== undefined) root.focus();
  }
  draw();
  return {
    get text() { return moves(tree, game); },
    set text(value) { if (value !== moves(tree, game)) { game = play(tree, value); more = asked = ""; draw(); } },
    set tree(value) { const made = moves(tree, game); tree = value; game = { ...play(tree, made), refused: game.refused }; draw(); },
    further(text, refused) { // whoever has gone elsewhere meanwhile stays there
      if (text === asked) go(refused ? { ...play(tree, text), refused } : play(tree, text));
    },
    get game() { return game; },
    remove: () => root.remove(),
  };
}

function whoBar(tree, game, pressed) {
  const here = position(tree, game);
  const keys = keysOf(tree, here);
  const buttons = tree.columns.map((column, number) => {
    const can = here.moves.find((move) => move.token === String(number));
    const why = can ? (can.cost ? "a preemption" : "") : whyNot(tree, game, String(number));
    return button(String(number), keys[number], column.title, why, () => pressed(String(number)), !can, "seat-who");
  });
  const others = here.moves.filter((move) => move.kind !== "turn").map((move) =>
    button(move.token, keys[move.token], move.label, smallOf(move, keys), () => pressed(move.token), false, "seat-who"));
  return make("div", { class: "seat-bar", role: "group", "aria-label": "Who goes on" }, ...buttons, ...others);
}

/** What stands below a move that is no worker's turn; its token, too, where the key is another. */
function smallOf(move, keys) {
  return [move.cost ? "a preemption" : "", keys[move.token] === move.token ? "" : `written ${move.token}`].filter(Boolean).join("; ");
}

function toolBar(tree, game, acts, played) {
  const field = make("input", { "aria-label": "The moves so far", value: moves(tree, game), "data-act": "moves", spellcheck: "false" });
  field.value = moves(tree, game);
  field.addEventListener("change", () => played(field.value));
  const used = preemptions(tree, game);
  return make("div", { class: "seat-bar" },
    button("undo", "u", "Undo", "", acts.undo, game.path.length === 0),
    button("again", "r", "Start again", "", acts.again, game.path.length === 0),
    button("shortest", "", "Show me the shortest", "", acts.shortest, false),
    button("count", "", "How many are there?", "", acts.count, false),
    field,
    make("span", { class: "seat-used" }, `${used} preemption${used === 1 ? "" : "s"}`));
}

/** What a worker can do here, or why it can't. */
function stateOf(tree, here, worker) {
  const token = String(tree.columns.findIndex((column) => column.worker === worker.worker));
  if (here.moves.some((move) => move.token === token)) return "can go on";
  if (worker.state === "ended") return "has ended";
  return worker.why || (here.moves.length ? "can't go on" : "has nothing more to do");
}

function lane(tree, here, column) {
  const worker = here.workers.find((one) => one.worker === column.worker);
  if (!worker) return null;
  const state = stateOf(tree, here, worker);
  return make("section", { class: `seat-box is-${worker.state === "waits" ? "waiting" : worker.state}` },
    make("h4", {}, `${tree.columns.indexOf(column)} ${column.title}`),
    make("p", {}, state),
    worker.line ? source(tree, worker) : "",
    worker.held.length ? make("p", {}, `holds ${worker.held.join(", ")}`) : "",
    worker.names.length ? pairs(worker.names, []) : "");
}

function source(tree, worker) {
  const lines = (tree.sources.find(([file]) => file === worker.file) ?? ["", []])[1];
  const from = Math.max(1, worker.line - AROUND);
  const rows = lines.slice(from - 1, worker.line + AROUND).map((text, n) => {
    const next = from + n === worker.line;
    return make("span", next ? { class: "is-next", "aria-current": "true" } : {},
      make("i", {}, `${next ? "▶" : " "}${String(from + n).padStart(3)}`), text || " ");
  });
  return make("pre", { class: "seat-source", "aria-label": `${worker.file}, about to do line ${worker.line}` }, ...rows);
}

function shared(tree, here, before) {
  const title = (who) => tree.columns.find((column) => column.worker === who)?.title ?? who;
  const locks = here.locks.map((lock) => [lock.name,
    `held by ${title(lock.holder)}${lock.line ? ` since line ${lock.line}` : ""}${lock.waiting.length ? `; ${lock.waiting.map(title).join(", ")} waiting` : ""}`]);
  const old = before.locks.map((lock) => lock.name + lock.holder);
  return make("section", { class: "seat-box" }, make("h4", {}, "Shared"),
    here.shared.length || locks.length ? pairs([...here.shared, ...locks],
      [...here.shared.map(([name, value]) => before.shared.every(([n, v]) => n !== name || v !== value)),
        ...here.locks.map((lock) => !old.includes(lock.name + lock.holder))]) : make("p", {}, "nothing yet"));
}

function output(here, before) {
  const rows = here.out.map((line, n) => make("span", n >= before.out.length ? { class: "is-new" } : {}, line));
  return make("section", { class: "seat-box" }, make("h4", {}, "stdout"),
    rows.length ? make("pre", { class: "seat-out" }, ...rows) : make("p", {}, "nothing yet"));
}

function end(tree, game, here, goal) {
  if (here.moves.length > 0) return [];
  const rows = here.code
    ? [make("b", {}, `✗ ${here.code}`), make("p", {}, here.finding)]
    : [make("b", {}, "✓ This schedule passes.")];
  if (goal) rows.push(make("p", { class: "seat-reached" }, verdict(tree, game, goal)));
  return [make("div", { class: `seat-end ${here.code ? "is-bad" : "is-good"}`, role: "status" }, ...rows)];
}

function table(tree) {
  const rows = count(tree);
  const sum = (key) => rows.reduce((total, row) => total + row[key], 0);
  const cells = (tag, ...texts) => make("tr", {}, ...texts.map((text) => make(tag, {}, String(text))));
  return make("div", { role: "status" },
    make("p", {}, `${sum("all").toLocaleString("en")} schedules from here, ${sum("failing").toLocaleString("en")} of them fail.`
      + (tree.level === null ? "" : ` ${upTo(tree.level)}: there are more.`)),
    make("table", {}, cells("th", "preemptions", "schedules", "of them fail"),
      ...rows.map((row) => cells("td", row.preemptions, row.all.toLocaleString("en"), row.failing.toLocaleString("en")))));
}

function pairs(entries, isNew) {
  return make("dl", {}, ...entries.flatMap(([name, value], n) => [
    make("dt", isNew[n] ? { class: "is-new" } : {}, name), make("dd", isNew[n] ? { class: "is-new" } : {}, value)]));
}

function button(act, key, text, small, pressed, isOff, kind = "") {
  const made = make("button", { type: "button", class: kind, "data-act": act, "aria-disabled": String(isOff) },
    key ? make("kbd", {}, key) : "", ` ${text}`, small ? make("small", {}, small) : "");
  made.addEventListener("click", pressed); // also where it is off: then it says why
  return made;
}

/** An element; texts become text nodes, so that nothing that a node wrote is ever markup. */
function make(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) if (value !== "") element.setAttribute(name, value);
  element.append(...children.filter((child) => child !== ""));
  return element;
}

// ---- in a notebook ---------------------------------------------------------------------------------------

function render({ model, el }) {
  const seat = mount(el, model.get("tree"), {
    goal: model.get("goal"),
    moves: model.get("moves"),
    onMove: (text) => { model.set("moves", text); model.save_changes(); },
    further: model.get("grows") ? (text) => model.send({ further: text }) : null,
  });
  const changed = () => { seat.text = model.get("moves"); };
  const grown = () => { seat.tree = model.get("tree"); };
  const answered = (message) => { seat.further(message.further, message.refused); };
  model.on("change:moves", changed);
  model.on("change:tree", grown);
  model.on("msg:custom", answered);
  return () => {
    model.off("change:moves", changed);
    model.off("change:tree", grown);
    model.off("msg:custom", answered);
    seat.remove();
  };
}

export default { render };

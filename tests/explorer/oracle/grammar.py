"""What the oracle's programs are made of: statements by what they are about, and how a program is drawn.

A program is about one or two subjects only, so that its handlers meet. Statements are text with gaps: `?` for a
small number, `@` for a name of the subject's, `#0` for a block.
"""

from hypothesis import strategies as st

from tests.explorer.oracle.program import Block, Program, Statement

SUBJECTS: dict[str, tuple[str, ...]] = {
    "attributes": (
        "r.append(s.a)",
        "r.append(s.c)",
        "s.a = ?",
        "s.a += 1",
        "s.c = s.a",
        "s.a, s.c = s.c, s.a",
        "if s.a == ?:\n    #0",
        "if (v := s.c) != ?:\n    s.a = v",
        "r.append(getattr(s, 'a'))",
        "setattr(s, 'c', ?)",
        "for s.a in (1, 2):\n    pass",
        "r.append(f'{s.a}-{s.c}')",
        "s.b = s.a + ?",
        "r.append([s.a for _ in range(2)])",
        "r.append(s.a if s.c else -1)",
        "del s.c",
        "r.append(hasattr(s, 'c'))",
        "r.append(0 <= s.a < s.c)",
        "Shared.b = ?",
        "r.append(s.b)",
        "match s:\n    case Shared(a=0):\n        #0",
        "match s:\n    case Shared(a=?):\n        #0\n    case Shared(a=?, c=?):\n        r.append('case')",
        "n = s.a\ns.a = n + 1",
        "r.append(s.a + s.a)",
        "s.a = s.c = ?",
        "*s.l, s.a = 5, 6, ?",
        "vars(s)['a'] = ?",
        "r.append(s.__dict__['a'])",
        "with L:\n    #0",
        "try:\n    #0\nfinally:\n    s.a = 0",
        "while s.a < 2:\n    s.a += 1",
    ),
    "globals": (
        "g = ?",
        "g += 1",
        "r.append(g)",
        "n = g\ng = n + 1",
        "if g == ?:\n    #0",
        "for g in (1, 2):\n    pass",
        "(lambda: r.append(g))()",
        "def inner():\n    global g\n    g = ?\ninner()",
        "r.append(globals()['g'])",
        "r.append([g for _ in range(2)])",
        "bump()",
        "put(?)",
        "r.append(get())",
        "put(get() + 1)",
        "with L:\n    #0",
        "if get() == ?:\n    #0",
    ),
    "dicts": (
        "d['x'] = ?",
        "d['x'] += 1",
        "r.append(d.get('x'))",
        "r.append(d.pop('y', None))",
        "d['y'] = ?",
        "r.append(d.setdefault('y', ?))",
        "r.append('y' in d)",
        "r.append(len(d))",
        "r.append(list(d))",
        "d.update(y=?)",
        "d |= {'x': ?}",
        "if 'y' not in d:\n    #0",
        "for k in list(d):\n    r.append(d[k])",
        "for k, v in d.items():\n    r.append(v)",
        "r.append(dict(d))",
        "d.clear()",
        "del d['x']",
        "r.append([v for v in d.values()])",
        "r.append({**d})",
        "r.append(sum(d.values()))",
        "r.append(d | {'z': 1})",
        "match d:\n    case {'y': v}:\n        r.append(v)",
        "match d:\n    case {'y': ?}:\n        #0\n    case {'x': v}:\n        r.append(v)",
        "with L:\n    #0",
        "r.append(sorted(d.items(), key=lambda i: i[1]))",
        "r.append(max(d, key=d.get))",
        "r.append(bool(d))",
        "r.append(operator.itemgetter('x')(d))",
        "r.append([i for i, _ in enumerate(d)])",
    ),
    "lists": (
        "l.append(?)",
        "r.append(len(l))",
        "r.append(list(l))",
        "if l:\n    r.append(l.pop())",
        "l[0] = ?",
        "l += [?]",
        "r.append(l[-1:])",
        "l[:] = [?]",
        "l.sort()",
        "l.sort(key=lambda v: -v)",
        "l.clear()",
        "r.append(sum(l))",
        "a, *rest = l or [0]\nr.append(a)",
        "r.append(? in l)",
        "l.extend((3, 4))",
        "for i, v in enumerate(l):\n    r.append(v)\n    if i > 2:\n        break",
        "r.append([*l])",
        "r.append([v for v in map(lambda v: v, l)])",
        "r.append(sorted(l, key=lambda v: v))",
        "heapq.heappush(l, ?)",
        "r.append(l == [2, 1])",
        "l.insert(0, ?)",
        "l.reverse()",
        "t.add(?)",
        "t.discard(1)",
        "r.append(len(t))",
        "r.append(? in t)",
        "t |= {?}",
        "if ? not in t:\n    t.add(?)\n    r.append(1)",
        "with L:\n    #0",
        "r.append(functools.reduce(operator.add, l, 0))",
        "r.append(list(itertools.chain(l, [0])))",
        "r.append(copy.copy(l))",
        "r.append(min(l, default=0))",
        "r.append(str(l))",
        "match l:\n    case []:\n        #0\n    case [_] | [_, _, _]:\n        r.append('case')",
    ),
    "locks": (
        "with L:\n    #0",
        "with M:\n    #0",
        "with L:\n    with M:\n        #0",
        "with M:\n    with L:\n        #0",
        "if L.acquire(False):\n    #0\n    L.release()\nelse:\n    r.append('busy')",
        "r.append(L.locked())",
        "with R:\n    with R:\n        #0",
        "s.a += 1",
        "r.append(s.a)",
        "s.a = ?",
        "if s.a == ?:\n    #0",
        "L.acquire()\n#0\nL.release()",
        "with S:\n    #0",
        "S.acquire()",
        "S.release()",
        "if S.acquire(blocking=False):\n    #0\nelse:\n    r.append('none')",
        "Z.acquire()",
        "Z.release()",
    ),
    "signals": (
        "E.set()",
        "E.clear()",
        "E.wait()",
        "r.append(E.is_set())",
        "F.set()",
        "F.wait()",
        "s.a = ?",
        "r.append(s.a)",
        "if s.a == ?:\n    #0",
        "if not E.is_set():\n    #0",
        "with C:\n    s.a = 1\n    C.notify()",
        "with C:\n    while not s.a:\n        C.wait()",
        "with C:\n    C.notify_all()",
        "with C:\n    C.wait()",
        "if not s.a:\n    with C:\n        C.wait()",
        "with L:\n    #0",
        "with C:\n    s.a += 1\n    C.notify_all()",
    ),
    "queues": (
        "q.put(?)",
        "r.append(q.get())",
        "r.append(q.qsize())",
        "r.append(q.empty())",
        "small.put(?)",
        "r.append(small.get())",
        "try:\n    r.append(q.get_nowait())\nexcept Empty:\n    r.append('empty')",
        "try:\n    small.put_nowait(?)\nexcept Full:\n    r.append('full')",
        "if not q.empty():\n    r.append(q.get())",
        "last.put(?)",
        "r.append(last.get())",
        "s.a = ?",
        "r.append(s.a)",
        "if s.a == ?:\n    #0",
        "q.put(s.a)",
        "with L:\n    #0",
        "r.append(small.full())",
    ),
    "futures": (
        "P.set_result(?)",
        "r.append(P.result())",
        "r.append(P.done())",
        "P.cancel()",
        "s.a = ?",
        "r.append(s.a)",
        "if not P.done():\n    #0",
        "P.add_done_callback(lambda _: r.append(s.a))",
        "with L:\n    #0",
        "w = Thread(target=lambda: l.append(s.a))\nw.start()\n#0\nw.join()",
        "l.append(?)",
        "r.append(len(l))",
        "w = Thread(target=bump)\nw.start()\n#0",
        "r.append(get())",
    ),
    "timeouts": (
        "r.append(E.wait(0.1))",
        "r.append(E.wait(0.5))",
        "E.set()",
        "sleep(0.1)",
        "sleep(0.5)",
        "sleep(2)",
        "if L.acquire(timeout=0.1):\n    #0\n    L.release()",
        "r.append(L.acquire(timeout=0.5))",
        "with L:\n    #0",
        "try:\n    r.append(q.get(timeout=0.1))\nexcept Empty:\n    r.append('late')",
        "q.put(?)",
        "s.a = ?",
        "try:\n    r.append(q.get(timeout=0.5))\nexcept Empty:\n    r.append('late')",
        "r.append(s.a)",
        "s.a += 1",
        "with C:\n    r.append(C.wait(0.1))",
        "with C:\n    C.notify()",
        "if s.a == ?:\n    #0",
        "r.append(Z.acquire(timeout=0.2))",
        "Z.release()",
        "Z.acquire(timeout=0.5)",
        "try:\n    r.append(P.result(timeout=0.1))\nexcept TimeoutError:\n    r.append('late')",
        "P.set_result(?)",
    ),
}
# What tasks of one event loop do, and what threads beside it do.
TASKS = (
    "await asyncio.sleep(0)",
    "async with A:\n    #0",
    "await A.acquire()",
    "A.release()",
    "r.append(A.locked())",
    "await V.wait()",
    "V.set()",
    "V.clear()",
    "await N.put(?)",
    "r.append(await N.get())",
    "N.put_nowait(?)",
    "try:\n    r.append(N.get_nowait())\nexcept asyncio.QueueEmpty:\n    r.append('empty')",
    "r.append(N.qsize())",
    "s.a += 1",
    "n = s.a\nawait asyncio.sleep(0)\ns.a = n + 1",
    "s.a = ?",
    "r.append(s.a)",
    "if s.a == ?:\n    #0",
    "async def inner():\n    #0\nw = asyncio.create_task(inner())\n#1\nawait w",
    "async def inner():\n    #0\nawait asyncio.gather(inner(), inner())",
    "async def inner():\n    #0\nw = asyncio.create_task(inner())\nw.cancel()",
    "try:\n    async with asyncio.timeout(0.1):\n        #0\nexcept TimeoutError:\n    r.append('late')",
    "try:\n    await asyncio.wait_for(V.wait(), 0.1)\nexcept TimeoutError:\n    r.append('late')",
    "await asyncio.sleep(0.1)",
    "await asyncio.to_thread(bump)",
    "r.append(get())",
)
BESIDE = (
    "loop.call_soon_threadsafe(V.set)",
    "loop.call_soon_threadsafe(N.put_nowait, ?)",
    "loop.call_soon_threadsafe(bump)",
    "V.set()",
    "N.put_nowait(?)",
    "s.a += 1",
    "s.a = ?",
    "r.append(s.a)",
    "if s.a == ?:\n    #0",
    "bump()",
)
TOGETHER = ("attributes", "locks", "signals", "queues", "timeouts")
DEEPEST = 2
MOST = 3  # statements of a block


@st.composite
def _statement(draw: st.DrawFn, texts: tuple[str, ...], depth: int) -> Statement:
    fitting = texts if depth < DEEPEST else tuple(text for text in texts if "#0" not in text)
    text = draw(st.sampled_from(fitting))
    while "?" in text:
        text = text.replace("?", str(draw(st.integers(0, 2))), 1)
    blocks = [draw(_block(texts, depth + 1, 2)) for _ in range(text.count("#"))]
    return Statement(text, tuple(blocks))


def _block(texts: tuple[str, ...], depth: int, most: int) -> st.SearchStrategy[Block]:
    return st.lists(_statement(texts, depth), min_size=1, max_size=most).map(tuple)


@st.composite
def programs(draw: st.DrawFn, subject: str | None = None) -> Program:
    """Two handlers, or three short ones; about one subject, if it is given."""
    subjects = {subject or draw(st.sampled_from((*sorted(SUBJECTS), "tasks")))}
    if "tasks" in subjects:
        return draw(_tasks())
    if subject is None and draw(st.booleans()):
        subjects.add(draw(st.sampled_from(TOGETHER)))
    texts = tuple(dict.fromkeys(text for name in sorted(subjects) for text in SUBJECTS[name]))
    count = draw(st.sampled_from((2, 2, 3)))
    return Program(tuple(draw(_block(texts, 0, MOST if count == 2 else 2)) for _ in range(count)))


@st.composite
def _tasks(draw: st.DrawFn) -> Program:
    """One task or two, and a thread beside their loop or none."""
    tasks, threads = draw(st.sampled_from(((1, 1), (2, 1), (2, 0), (3, 0))))
    most = MOST if tasks + threads == 2 else 2
    handlers = [draw(_block(TASKS, 0, most)) for _ in range(tasks)]
    return Program((*handlers, *(draw(_block(BESIDE, 0, most)) for _ in range(threads))), tasks)

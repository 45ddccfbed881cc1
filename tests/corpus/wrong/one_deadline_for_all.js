// corpus: JavaScript; one timer for all that wait, set anew by each request: it only fires 1 s after the last of them
// expect: no-reply
// suites: async-handler=passed rpc
'use strict';
const readline = require('readline');

let me = null;
let sent = 0;
let timer = null;
const asked = new Map();

function send(dest, body) {
  const id = sent++;
  process.stdout.write(JSON.stringify({ src: me, dest, body: { ...body, msg_id: id } }) + '\n');
  return id;
}

const answer = (to, body) => send(to.src, { ...body, in_reply_to: to.body.msg_id });

function giveUp() {
  const late = [...asked.values()];
  asked.clear();
  for (const message of late) answer(message, { type: 'error', code: 0, text: 'timeout' });
}

function proxy(message) {
  const { target, inner } = message.body;
  asked.set(send(target, inner), message);
  clearTimeout(timer);
  timer = setTimeout(giveUp, 1000);
}

function serve(message) {
  const { body } = message;
  if ('in_reply_to' in body) {
    const waiting = asked.get(body.in_reply_to);
    asked.delete(body.in_reply_to);
    if (waiting) answer(waiting, { type: 'proxy_ok', result: body });
  } else if (!('msg_id' in body)) {
    console.error('neither request nor reply');
  } else if (body.type === 'init') {
    me = body.node_id;
    answer(message, { type: 'init_ok' });
  } else if (body.type === 'echo' && 'echo' in body) {
    answer(message, { type: 'echo_ok', echo: body.echo });
  } else if (body.type === 'proxy' && 'target' in body && 'inner' in body) {
    proxy(message);
  } else {
    const known = body.type === 'echo' || body.type === 'proxy';
    answer(message, { type: 'error', code: known ? 12 : 10, text: 'cannot be served' });
  }
}

readline.createInterface({ input: process.stdin }).on('line', (line) => {
  let message = null;
  try {
    message = JSON.parse(line);
  } catch {
    // said below
  }
  if (message && message.src && message.body && typeof message.body === 'object') serve(message);
  else console.error('no message:', line.slice(0, 60));
});

// corpus: JavaScript; console.log of an object, after init_ok
// expect: not-json
// suites: async-handler rpc
'use strict';
const readline = require('readline');

let nodeId = null;
let nextMsgId = 0;
const pending = new Map();

function send(dest, body) {
  const msgId = nextMsgId++;
  process.stdout.write(JSON.stringify({ src: nodeId, dest, body: { ...body, msg_id: msgId } }) + '\n');
  return msgId;
}

const reply = (msg, body) => send(msg.src, { ...body, in_reply_to: msg.body.msg_id });
const error = (msg, code, text) => reply(msg, { type: 'error', code, text });

const handlers = {
  init(msg) {
    nodeId = msg.body.node_id;
    reply(msg, { type: 'init_ok' });
    console.log('initialized', msg.body);
  },
  echo(msg) {
    if (!('echo' in msg.body)) return error(msg, 12, 'echo is missing');
    reply(msg, { type: 'echo_ok', echo: msg.body.echo });
  },
  proxy(msg) {
    const { target, inner } = msg.body;
    if (typeof target !== 'string' || typeof inner !== 'object' || inner === null) {
      return error(msg, 12, 'target or inner is missing');
    }
    const id = send(target, inner);
    const timer = setTimeout(() => {
      pending.delete(id);
      error(msg, 0, 'timeout');
    }, 1000);
    pending.set(id, (body) => {
      clearTimeout(timer);
      reply(msg, { type: 'proxy_ok', result: body });
    });
  },
};

readline.createInterface({ input: process.stdin, crlfDelay: Infinity }).on('line', (line) => {
  let msg;
  try {
    msg = JSON.parse(line);
    if (typeof msg.src !== 'string' || typeof msg.body !== 'object' || msg.body === null) throw new Error('no message');
  } catch (e) {
    console.error('bad line', line.slice(0, 80), e.message);
    return;
  }
  if ('in_reply_to' in msg.body) {
    const resolve = pending.get(msg.body.in_reply_to);
    pending.delete(msg.body.in_reply_to);
    if (resolve) resolve(msg.body);
  } else if (Object.hasOwn(handlers, msg.body.type)) {
    handlers[msg.body.type](msg);
  } else {
    error(msg, 10, `${msg.body.type} is not supported`);
  }
});

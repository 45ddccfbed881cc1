// corpus: JavaScript; each chunk of bytes is made text by itself: a character that is cut becomes U+FFFD twice
// expect: wrong-payload
// suites: async-handler
'use strict';

let me = null;
let sent = 0;
let rest = '';

function answer(to, body) {
  const whole = { ...body, in_reply_to: to.body.msg_id, msg_id: sent++ };
  process.stdout.write(JSON.stringify({ src: me, dest: to.src, body: whole }) + '\n');
}

function serve(message) {
  const { body } = message;
  if ('in_reply_to' in body || !('msg_id' in body)) return;
  if (body.type === 'init') {
    me = body.node_id;
    answer(message, { type: 'init_ok' });
  } else if (body.type === 'echo' && 'echo' in body) {
    answer(message, { type: 'echo_ok', echo: body.echo });
  } else {
    const code = body.type === 'echo' ? 12 : 10;
    answer(message, { type: 'error', code, text: 'cannot be served' });
  }
}

process.stdin.on('data', (chunk) => {
  const lines = (rest + chunk).split('\n');
  rest = lines.pop();
  for (const line of lines) {
    let message = null;
    try {
      message = JSON.parse(line);
    } catch {
      // said below
    }
    if (message && message.src && message.body && typeof message.body === 'object') serve(message);
    else console.error('no message:', line.slice(0, 60));
  }
});

// A node that serves a message at a time: the start of the exercise, in the six parts that every node has.
"use strict";

const fs = require("fs");

class Node {
  constructor() {
    this.id = null;
    this.nodeIds = [];
    this.handlers = {};
    this.nextId = 0; // for the next message
    this.putAside = []; // messages that came while a handler waited
    this.rest = Buffer.alloc(0); // what was read beyond the last line
  }

  // --- read ---

  run() {
    for (let message = this.read(); message !== null; message = this.read()) {
      this.dispatch(message);
    }
    this.drain();
  }

  // The next message, or null at the end of input.
  read() {
    return this.putAside.length > 0 ? this.putAside.shift() : this.readOn();
  }

  readOn() {
    for (let line = this.readLine(); line !== null; line = this.readLine()) {
      const message = parse(line);
      if (message !== null) {
        return message;
      }
    }
    return null;
  }

  // The next line; this waits until it is there, and nothing else goes on meanwhile.
  readLine() {
    const pieces = [];
    for (;;) {
      const end = this.rest.indexOf("\n");
      if (end >= 0) {
        pieces.push(this.rest.subarray(0, end));
        this.rest = this.rest.subarray(end + 1);
        return Buffer.concat(pieces).toString("utf8");
      }
      pieces.push(this.rest);
      const chunk = Buffer.alloc(65536);
      const count = fs.readSync(0, chunk);
      this.rest = chunk.subarray(0, count);
      if (count === 0) {
        const last = Buffer.concat(pieces).toString("utf8");
        return last === "" ? null : last;
      }
    }
  }

  // --- init ---

  // Learn our name, and say so.
  init(message) {
    this.id = message.body.node_id;
    this.nodeIds = message.body.node_ids;
    this.reply(message, { type: "init_ok" });
  }

  // --- dispatch ---

  // Give this message to whoever serves it.
  dispatch(message) {
    if ("in_reply_to" in message.body) {
      return; // nobody waits for it any more
    }
    if (message.body.type === "init") {
      this.init(message);
    } else {
      this.handle(message);
    }
  }

  // Run the handler of this request.
  handle(message) {
    const handler = Object.hasOwn(this.handlers, message.body.type) ? this.handlers[message.body.type] : null;
    if (handler === null) {
      this.reply(message, { type: "error", code: 10, text: `not supported: ${message.body.type}` });
      return;
    }
    try {
      handler(message);
    } catch (error) {
      if (!(error instanceof Missing)) {
        throw error;
      }
      this.reply(message, { type: "error", code: 12, text: error.message });
    }
  }

  // --- guard ---

  // Give a message the next number, and write it.
  say(dest, body) {
    const number = this.nextId;
    this.nextId = number + 1;
    const message = { src: this.id, dest, body: { ...body, msg_id: number } };
    let left = Buffer.from(JSON.stringify(message) + "\n");
    while (left.length > 0) {
      left = left.subarray(fs.writeSync(1, left));
    }
    return number;
  }

  // --- reply ---

  // Answer this request with this body.
  reply(message, body) {
    this.say(message.src, { ...body, in_reply_to: message.body.msg_id });
  }

  // Ask another node; the body of its reply, or null if none can come any more.
  rpc(dest, body) {
    const number = this.say(dest, body);
    for (let message = this.readOn(); message !== null; message = this.readOn()) {
      if (message.body.in_reply_to === number) {
        return message.body;
      }
      this.putAside.push(message); // somebody else has to wait
    }
    return null;
  }

  // --- drain ---

  drain() {
    // Nothing is left to do: each message was served before the next one was read.
  }
}

// A request lacks a field that its type needs.
class Missing extends Error {}

function field(message, name) {
  if (!(name in message.body)) {
    throw new Missing(`${name} is missing`);
  }
  return message.body[name];
}

// The message on this line; null, and a word on stderr, if there is none to be served.
function parse(line) {
  try {
    const message = JSON.parse(line);
    const body = message.body;
    const isBody = typeof body === "object" && body !== null && !Array.isArray(body);
    if (typeof message.src === "string" && isBody && ("msg_id" in body || "in_reply_to" in body)) {
      return message;
    }
  } catch (error) {
    // no JSON, or no object
  }
  if (line.trim() !== "") {
    console.error("not a message:", line.trim().slice(0, 100));
  }
  return null;
}

const node = new Node();

function echo(message) {
  node.reply(message, { type: "echo_ok", echo: field(message, "echo") });
}

function proxy(message) {
  const result = node.rpc(field(message, "target"), field(message, "inner"));
  if (result === null) {
    node.reply(message, { type: "error", code: 0, text: "no reply" });
  } else {
    node.reply(message, { type: "proxy_ok", result });
  }
}

node.handlers = { echo, proxy };

if (require.main === module) {
  node.run();
}

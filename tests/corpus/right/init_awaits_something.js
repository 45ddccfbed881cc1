// corpus: JavaScript; init is answered after 100 ms of set-up, what comes meanwhile is answered first
// expect: passed
// suites: rpc maelstrom-echo
// note: in the canonical exchange echoes follow init at once, and must be answered after it
class TimeoutError extends Error {}
class RpcError extends Error {
  constructor(code, text) { super(text); this.code = code }
}

class Node {
  #id = ''
  #count = 0
  #calls = {}

  send(dest, body) {
    body = Object.assign({}, body, { msg_id: this.#count })
    process.stdout.write(`${JSON.stringify({ src: this.#id, dest: dest, body: body })}\n`)
    return this.#count++
  }

  rpc(dest, body) {
    return new Promise((resolve, reject) => {
      const id = this.send(dest, body)
      const timer = setTimeout(() => { delete this.#calls[id]; reject(new RpcError(0, 'timed out')) }, 1000)
      this.#calls[id] = (reply) => { clearTimeout(timer); delete this.#calls[id]; resolve(reply) }
    })
  }

  async init(body) {
    this.#id = body.node_id
    await new Promise((go) => setTimeout(go, 100))
    return { type: 'init_ok' }
  }

  async echo(body) {
    if (body.echo === undefined) throw new RpcError(12, 'nothing to echo')
    return { type: 'echo_ok', echo: body.echo }
  }

  async proxy(body) {
    if (!body.target || !body.inner) throw new RpcError(12, 'proxy needs a target and an inner')
    return { type: 'proxy_ok', result: await this.rpc(body.target, body.inner) }
  }

  async handle({ src, body }) {
    if (body.in_reply_to !== undefined) {
      if (this.#calls[body.in_reply_to]) this.#calls[body.in_reply_to](body)
      return
    }
    let answer
    try {
      if (!['init', 'echo', 'proxy'].includes(body.type)) throw new RpcError(10, 'unsupported')
      answer = await this[body.type](body)
    } catch (e) {
      answer = { type: 'error', code: e.code ?? 13, text: e.message }
    }
    this.send(src, { ...answer, in_reply_to: body.msg_id })
  }
}

const node = new Node()
let rest = []
process.stdin.on('data', (chunk) => {
  let start = 0
  for (let end; (end = chunk.indexOf(10, start)) >= 0; start = end + 1) {
    const line = Buffer.concat([...rest, chunk.subarray(start, end)]).toString('utf8')
    rest = []
    let msg = null
    try { msg = JSON.parse(line) } catch { console.error('not JSON:', line.slice(0, 60)) }
    if (msg && typeof msg.src === 'string' && msg.body && typeof msg.body === 'object') node.handle(msg)
    else console.error('skipped a line')
  }
  rest.push(chunk.subarray(start))
})

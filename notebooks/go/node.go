// A node in Go: main reads, a goroutine runs each handler, one goroutine writes; channels join them.
//
// Every message read gives a handler a turn: a request its first, a peer's reply the next one. A turn
// is a channel on which its handler says one thing. The writer takes the turns in the order of reading.
package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"sync"
	"time"
)

const rpcTimeout = time.Second // that a handler waits for a peer's reply

type Body map[string]json.RawMessage // the values stay as they came, until somebody needs to know them

type Message struct {
	Src  string `json:"src"`
	Dest string `json:"dest"`
	Body Body   `json:"body"`
}

type Turn chan Said

type Said struct {
	dest string
	body Body
	mailbox  chan Answer // of a handler that waits for the reply to this; else nil
}

type Answer struct { // first the number of our request, then the next turn, and the reply if there is one
	number int64
	turn   Turn
	body   Body
}

type Node struct {
	id       string
	nodes    []string
	turns    chan Turn      // in the order of reading; full, it holds up the reader
	handlers sync.WaitGroup // those at work
	written  chan bool      // closed when all is written

	lock  sync.Mutex // guards calls
	calls map[int64]chan Answer
}

// --- read ---

func (n *Node) run() {
	go n.write()
	input := bufio.NewReader(os.Stdin)
	for {
		line, err := input.ReadBytes('\n')
		n.dispatch(line)
		if err != nil { // the end of input
			break
		}
	}
	n.drain()
}

// --- init ---

func (n *Node) init(message Message) {
	var name *string
	var names []string
	if is(message, "init") && get(message.Body, "node_id", &name) && get(message.Body, "node_ids", &names) {
		n.id, n.nodes = *name, names
		n.reply(n.newTurn(), message, Body{"type": raw("init_ok")})
	}
}

// --- dispatch ---

func (n *Node) dispatch(line []byte) {
	message, ok := parse(line)
	if !ok {
		return
	}
	if number, is := integer(message.Body, "in_reply_to"); is {
		n.resume(number, message.Body)
	} else if n.id == "" {
		n.init(message)
	} else {
		n.handlers.Add(1)
		go n.handle(n.newTurn(), message)
	}
}

func (n *Node) handle(turn Turn, message Message) {
	defer n.handlers.Done()
	switch {
	case is(message, "echo"):
		n.echo(turn, message)
	case is(message, "proxy"):
		n.proxy(turn, message)
	default:
		n.reply(turn, message, failure(10, "not supported"))
	}
}

// --- guard ---

func (n *Node) newTurn() Turn {
	turn := make(Turn, 1)
	n.turns <- turn
	return turn
}

func (n *Node) write() {
	number := int64(0)
	for turn := range n.turns {
		said := <-turn
		if said.mailbox != nil {
			n.lock.Lock()
			n.calls[number] = said.mailbox
			n.lock.Unlock()
			said.mailbox <- Answer{number: number}
		}
		said.body["msg_id"] = raw(number)
		number++
		os.Stdout.Write(append(raw(Message{n.id, said.dest, said.body}), '\n'))
	}
	close(n.written)
}

func (n *Node) resume(number int64, reply Body) {
	n.lock.Lock()
	mailbox, waits := n.calls[number]
	delete(n.calls, number)
	n.lock.Unlock()
	if waits {
		mailbox <- Answer{turn: n.newTurn(), body: reply}
	}
}

// --- reply ---

func (n *Node) reply(turn Turn, request Message, body Body) {
	body["in_reply_to"] = request.Body["msg_id"]
	turn <- Said{dest: request.Src, body: body}
}

func (n *Node) rpc(turn Turn, dest string, body Body) (Turn, Body) {
	mailbox := make(chan Answer, 2)
	turn <- Said{dest, body, mailbox}
	number := (<-mailbox).number
	select {
	case answer := <-mailbox:
		return answer.turn, answer.body
	case <-time.After(rpcTimeout):
		n.resume(number, nil)
		answer := <-mailbox // the reply, if it has come at the last moment
		return answer.turn, answer.body
	}
}

// --- drain ---

func (n *Node) drain() {
	n.handlers.Wait()
	close(n.turns)
	<-n.written
}

// --- handlers ---

func (n *Node) echo(turn Turn, message Message) {
	if echo, there := message.Body["echo"]; there {
		n.reply(turn, message, Body{"type": raw("echo_ok"), "echo": echo})
	} else {
		n.reply(turn, message, failure(12, "echo needs echo"))
	}
}

func (n *Node) proxy(turn Turn, message Message) {
	var target *string
	var inner Body
	if !get(message.Body, "target", &target) || !get(message.Body, "inner", &inner) {
		n.reply(turn, message, failure(12, "proxy needs target and inner"))
		return
	}
	for _, name := range n.nodes {
		if name == *target {
			turn, result := n.rpc(turn, name, inner)
			if result == nil {
				n.reply(turn, message, failure(0, "no reply"))
			} else {
				n.reply(turn, message, Body{"type": raw("proxy_ok"), "result": raw(result)})
			}
			return
		}
	}
	n.reply(turn, message, failure(1, "no such node"))
}

// --- messages ---

// parse says false, and why on stderr, of a line that is no message to be served.
func parse(line []byte) (Message, bool) {
	var message Message
	if len(bytes.TrimSpace(line)) == 0 {
		return message, false
	}
	err := json.Unmarshal(line, &message)
	key := "msg_id"
	if _, there := message.Body["in_reply_to"]; there {
		key = "in_reply_to"
	}
	if _, is := integer(message.Body, key); !is || err != nil || message.Src == "" {
		fmt.Fprintf(os.Stderr, "ignored: %.100s\n", line)
		return message, false
	}
	return message, true
}

// get puts the value of a key where `to` points; false if it is missing, null, or of another type.
func get(body Body, key string, to any) bool {
	value := body[key]
	return string(value) != "null" && json.Unmarshal(value, to) == nil
}

func is(message Message, kind string) bool {
	var given string
	return get(message.Body, "type", &given) && given == kind
}

func integer(body Body, key string) (int64, bool) {
	var number float64 // in JSON, 3.0 is an integer too
	is := get(body, key, &number)
	return int64(number), is && number == float64(int64(number))
}

func raw(value any) json.RawMessage {
	text, _ := json.Marshal(value)
	return text
}

func failure(code int, text string) Body {
	return Body{"type": raw("error"), "code": raw(code), "text": raw(text)}
}

func main() {
	node := &Node{turns: make(chan Turn, 4096), written: make(chan bool), calls: map[int64]chan Answer{}}
	node.run()
}

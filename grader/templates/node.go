// A node that serves a message at a time: the start of the exercise, in the six parts that every node has.
package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"os"
)

type Body map[string]json.RawMessage // the values stay as they came, until somebody needs to know them

type Message struct {
	Src  string `json:"src"`
	Dest string `json:"dest"`
	Body Body   `json:"body"`
}

type Handler func(*Message) error

type Node struct {
	id       string
	nodeIDs  []string
	handlers map[string]Handler
	nextID   int        // for the next message
	putAside []*Message // messages that came while a handler waited
	input    *bufio.Reader
}

// --- read ---

func (n *Node) run() {
	for message := n.read(); message != nil; message = n.read() {
		n.dispatch(message)
	}
	n.drain()
}

// read gives the next message, or nil at the end of input.
func (n *Node) read() *Message {
	if len(n.putAside) > 0 {
		message := n.putAside[0]
		n.putAside = n.putAside[1:]
		return message
	}
	return n.readOn()
}

func (n *Node) readOn() *Message {
	for {
		line, err := n.input.ReadBytes('\n')
		if message := parse(line); message != nil {
			return message
		}
		if err != nil { // the end of input
			return nil
		}
	}
}

// --- init ---

// init learns our name, and says so.
func (n *Node) init(message *Message) {
	_ = json.Unmarshal(message.Body["node_id"], &n.id)
	_ = json.Unmarshal(message.Body["node_ids"], &n.nodeIDs)
	n.reply(message, Body{"type": raw("init_ok")})
}

// --- dispatch ---

// dispatch gives this message to whoever serves it.
func (n *Node) dispatch(message *Message) {
	if _, isReply := message.Body["in_reply_to"]; isReply {
		return // nobody waits for it any more
	}
	if message.kind() == "init" {
		n.init(message)
	} else {
		n.handle(message)
	}
}

// handle runs the handler of this request.
func (n *Node) handle(message *Message) {
	handler, known := n.handlers[message.kind()]
	if !known {
		n.fail(message, 10, "not supported: "+message.kind())
	} else if err := handler(message); err != nil {
		n.fail(message, 12, err.Error())
	}
}

// --- guard ---

// say gives a message the next number, and writes it.
func (n *Node) say(dest string, body Body) int {
	number := n.nextID
	n.nextID = number + 1
	numbered := Body{"msg_id": raw(number)}
	for key, value := range body {
		if key != "msg_id" {
			numbered[key] = value
		}
	}
	line, err := json.Marshal(Message{n.id, dest, numbered})
	if err != nil {
		panic(err)
	}
	os.Stdout.Write(append(line, '\n'))
	return number
}

// --- reply ---

// reply answers this request with this body.
func (n *Node) reply(message *Message, body Body) {
	body["in_reply_to"] = message.Body["msg_id"]
	n.say(message.Src, body)
}

func (n *Node) fail(message *Message, code int, text string) {
	n.reply(message, Body{"type": raw("error"), "code": raw(code), "text": raw(text)})
}

// rpc asks another node; the body of its reply, or nil if none can come any more.
func (n *Node) rpc(dest string, body Body) Body {
	number := n.say(dest, body)
	for message := n.readOn(); message != nil; message = n.readOn() {
		if string(message.Body["in_reply_to"]) == fmt.Sprint(number) {
			return message.Body
		}
		n.putAside = append(n.putAside, message) // somebody else has to wait
	}
	return nil
}

// --- drain ---

func (n *Node) drain() {
	// Nothing is left to do: each message was served before the next one was read.
}

// parse gives the message on this line; nil, and a word on stderr, if there is none to be served.
func parse(line []byte) *Message {
	line = bytes.TrimSpace(line)
	if len(line) == 0 {
		return nil
	}
	var message Message
	if err := json.Unmarshal(line, &message); err == nil && message.Src != "" && message.Body != nil {
		_, isRequest := message.Body["msg_id"]
		_, isReply := message.Body["in_reply_to"]
		if isRequest || isReply {
			return &message
		}
	}
	if len(line) > 100 {
		line = line[:100]
	}
	fmt.Fprintln(os.Stderr, "not a message:", string(line))
	return nil
}

// kind is the type of a message's body; empty if there is none.
func (m *Message) kind() string {
	var kind string
	_ = json.Unmarshal(m.Body["type"], &kind)
	return kind
}

// get puts a field of a request into `into`. It fails if the request lacks it, or if it is of another type.
func (m *Message) get(field string, into any) error {
	value, there := m.Body[field]
	if !there {
		return fmt.Errorf("%s is missing", field)
	}
	return json.Unmarshal(value, into)
}

func raw(value any) json.RawMessage {
	text, err := json.Marshal(value)
	if err != nil {
		panic(err)
	}
	return text
}

func (n *Node) echo(message *Message) error {
	var value json.RawMessage
	if err := message.get("echo", &value); err != nil {
		return err
	}
	n.reply(message, Body{"type": raw("echo_ok"), "echo": value})
	return nil
}

func (n *Node) proxy(message *Message) error {
	var target string
	var inner Body
	if err := message.get("target", &target); err != nil {
		return err
	}
	if err := message.get("inner", &inner); err != nil {
		return err
	}
	if result := n.rpc(target, inner); result == nil {
		n.fail(message, 0, "no reply")
	} else {
		n.reply(message, Body{"type": raw("proxy_ok"), "result": raw(result)})
	}
	return nil
}

func main() {
	node := &Node{input: bufio.NewReader(os.Stdin)}
	node.handlers = map[string]Handler{"echo": node.echo, "proxy": node.proxy}
	node.run()
}

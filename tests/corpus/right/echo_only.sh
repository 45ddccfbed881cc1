#!/bin/sh
# corpus: POSIX shell and awk; only init and echo, everything else is answered with error 10
# expect: passed
# suites: async-handler maelstrom-echo rpc=not-attempted
# platforms: posix
LC_ALL=C
export LC_ALL
case $(awk -W version </dev/null 2>&1) in
*mawk*) set -- -W interactive ;; # or mawk waits for a whole block of input
*) set -- ;;
esac
exec awk "$@" '
# value(i): where the JSON value at i of the line s ends, 0 if it is none; at depth <= 2 keys are kept in field[]
function skip() { while (index(" \t\r", c = substr(s, at, 1)) && c != "") at++ }
function text(   start) {
    start = at++
    while ((c = substr(s, at, 1)) != "\"") { if (c == "") return 0; at += c == "\\" ? 2 : 1 }
    at++
    return 1
}
function value(depth, path,   open, k, start) {
    skip(); start = at
    if (c == "\"") { if (!text()) return 0 }
    else if (c == "{" || c == "[") {
        open = c; at++; skip()
        if (c == (open == "{" ? "}" : "]")) at++
        else for (;;) {
            k = ""
            if (open == "{") {
                skip(); k = at
                if (c != "\"" || !text()) return 0
                k = substr(s, k + 1, at - k - 2); skip()
                if (c != ":") return 0
                at++
            }
            if (!value(depth + 1, open == "{" ? path "." k : path "[]")) return 0
            skip(); at++
            if (c == (open == "{" ? "}" : "]")) break
            if (c != ",") return 0
        }
    } else {
        while ((c = substr(s, at, 1)) != "" && !index(" \t\r,]}:\"[{", c)) at++
        if (substr(s, start, at - start) !~ /^(true|false|null|-?[0-9]+(\.[0-9]+)?([eE][-+]?[0-9]+)?)$/) return 0
    }
    if (depth <= 2) field[path] = substr(s, start, at - start)
    return 1
}
function say(body) {
    printf "{\"src\": %s, \"dest\": %s, \"body\": {%s, \"in_reply_to\": %s, \"msg_id\": %d}}\n", me, field[".src"], body, field[".body.msg_id"], n++
    fflush()
}
{
    s = $0; at = 1; split("", field)
    ok = value(0, ""); skip()
    if (!ok || c != "" || field[".src"] !~ /^"/ || field[".body"] !~ /^\{/) { print "bad line" > "/dev/stderr"; next }
    if (".body.in_reply_to" in field) next
    type = field[".body.type"]
    if (type == "\"init\"") { me = field[".body.node_id"]; say("\"type\": \"init_ok\"") }
    else if (type != "\"echo\"") say("\"type\": \"error\", \"code\": 10, \"text\": \"not supported\"")
    else if (".body.echo" in field) { body = "\"type\": \"echo_ok\", \"echo\": "; say(body field[".body.echo"]) }
    else say("\"type\": \"error\", \"code\": 12, \"text\": \"no echo\"")
}'

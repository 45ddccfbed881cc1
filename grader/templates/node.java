// A node that serves a message at a time: the start of the exercise, in the six parts that every node has.

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;

class Node {
    interface Handler {
        void handle(Message message) throws IOException;
    }

    record Message(String src, Map<String, Object> body) {
        /** A field of the body. Throws Missing if the request lacks it. */
        Object get(String field) {
            if (!body.containsKey(field)) {
                throw new Missing(field + " is missing");
            }
            return body.get(field);
        }
    }

    static class Missing extends RuntimeException {
        Missing(String text) {
            super(text);
        }
    }

    String id;
    List<?> nodeIds = List.of();
    final Map<String, Handler> handlers = new HashMap<>();
    int nextId = 0; // for the next message
    final Queue<Message> putAside = new ArrayDeque<>(); // messages that came while a handler waited
    final BufferedReader input = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    final PrintStream output = new PrintStream(System.out, false, StandardCharsets.UTF_8);

    // --- read ---

    void run() throws IOException {
        for (Message message = read(); message != null; message = read()) {
            dispatch(message);
        }
        drain();
    }

    /** The next message, or null at the end of input. */
    Message read() throws IOException {
        return putAside.isEmpty() ? readOn() : putAside.remove();
    }

    Message readOn() throws IOException {
        for (String line = input.readLine(); line != null; line = input.readLine()) {
            Message message = parse(line);
            if (message != null) {
                return message;
            }
        }
        return null;
    }

    // --- init ---

    /** Learn our name, and say so. */
    void init(Message message) {
        id = (String) message.get("node_id");
        nodeIds = (List<?>) message.get("node_ids");
        reply(message, body("type", "init_ok"));
    }

    // --- dispatch ---

    /** Give this message to whoever serves it. */
    void dispatch(Message message) throws IOException {
        if (message.body().containsKey("in_reply_to")) {
            return; // nobody waits for it any more
        }
        if ("init".equals(message.body().get("type"))) {
            init(message);
        } else {
            handle(message);
        }
    }

    /** Run the handler of this request. */
    void handle(Message message) throws IOException {
        Object kind = message.body().get("type");
        try {
            if (kind instanceof String && handlers.containsKey(kind)) {
                handlers.get(kind).handle(message);
            } else {
                reply(message, error(10, "not supported: " + kind));
            }
        } catch (Missing missing) {
            reply(message, error(12, missing.getMessage()));
        }
    }

    // --- guard ---

    /** Give a message the next number, and write it. */
    int say(String dest, Map<String, Object> body) {
        int number = nextId;
        nextId = number + 1;
        Map<String, Object> numbered = new LinkedHashMap<>(body);
        numbered.put("msg_id", number);
        output.print(Json.write(body("src", id, "dest", dest, "body", numbered)) + "\n");
        output.flush();
        return number;
    }

    // --- reply ---

    /** Answer this request with this body. */
    void reply(Message message, Map<String, Object> body) {
        body.put("in_reply_to", message.body().get("msg_id"));
        say(message.src(), body);
    }

    /** Ask another node; the body of its reply, or null if none can come any more. */
    Map<String, Object> rpc(String dest, Map<String, Object> body) throws IOException {
        String number = Integer.toString(say(dest, body));
        for (Message message = readOn(); message != null; message = readOn()) {
            if (message.body().get("in_reply_to") instanceof Json.Num named && named.text().equals(number)) {
                return message.body();
            }
            putAside.add(message); // somebody else has to wait
        }
        return null;
    }

    // --- drain ---

    void drain() {
        // Nothing is left to do: each message was served before the next one was read.
    }

    /** The message on this line; null, and a word on stderr, if there is none to be served. */
    static Message parse(String line) {
        try {
            if (Json.read(line) instanceof Map<?, ?> message
                    && message.get("src") instanceof String src
                    && message.get("body") instanceof Map<?, ?> found) {
                Map<String, Object> body = object(found);
                if (body.containsKey("msg_id") || body.containsKey("in_reply_to")) {
                    return new Message(src, body);
                }
            }
        } catch (IllegalArgumentException noJson) {
            // told below, as all that is no message
        }
        if (!line.isBlank()) {
            System.err.println("not a message: " + line.strip().substring(0, Math.min(100, line.strip().length())));
        }
        return null;
    }

    /** A body: key, value, key, value, … */
    static Map<String, Object> body(Object... pairs) {
        Map<String, Object> made = new LinkedHashMap<>();
        for (int place = 0; place < pairs.length; place += 2) {
            made.put((String) pairs[place], pairs[place + 1]);
        }
        return made;
    }

    static Map<String, Object> error(int code, String text) {
        return body("type", "error", "code", code, "text", text);
    }

    static Map<String, Object> object(Map<?, ?> read) {
        Map<String, Object> made = new LinkedHashMap<>();
        read.forEach((key, value) -> made.put((String) key, value));
        return made;
    }

    void echo(Message message) {
        reply(message, body("type", "echo_ok", "echo", message.get("echo")));
    }

    void proxy(Message message) throws IOException {
        String target = (String) message.get("target");
        Map<String, Object> result = rpc(target, object((Map<?, ?>) message.get("inner")));
        if (result == null) {
            reply(message, error(0, "no reply"));
        } else {
            reply(message, body("type", "proxy_ok", "result", result));
        }
    }

    public static void main(String[] words) throws IOException {
        Node node = new Node();
        node.handlers.put("echo", node::echo);
        node.handlers.put("proxy", node::proxy);
        node.run();
    }
}

/** JSON, for want of it in Java's own library: objects are maps, and a number stays the text that it came as. */
class Json {
    record Num(String text) {}

    private final String text;
    private int at = 0;

    private Json(String text) {
        this.text = text;
    }

    /** The value that a text stands for. Throws IllegalArgumentException if it is not JSON. */
    static Object read(String text) {
        Json json = new Json(text);
        Object value = json.value();
        if (json.next() != 0) {
            throw new IllegalArgumentException("more than one value");
        }
        return value;
    }

    static String write(Object value) {
        StringBuilder out = new StringBuilder();
        write(value, out);
        return out.toString();
    }

    private Object value() {
        char first = next();
        if (first == '{') {
            return object();
        } else if (first == '[') {
            return list();
        } else if (first == '"') {
            return string();
        }
        int from = at;
        while (at < text.length() && ",]} \t\r\n".indexOf(text.charAt(at)) < 0) {
            at++;
        }
        String word = text.substring(from, at);
        if (word.equals("null")) {
            return null;
        } else if (word.equals("true") || word.equals("false")) {
            return Boolean.valueOf(word);
        } else if (word.matches("-?(0|[1-9][0-9]*)([.][0-9]+)?([eE][-+]?[0-9]+)?")) {
            return new Num(word);
        }
        throw new IllegalArgumentException("no value: " + word);
    }

    private Map<String, Object> object() {
        Map<String, Object> made = new LinkedHashMap<>();
        take('{');
        while (next() != '}') {
            if (!made.isEmpty()) {
                take(',');
                next();
            }
            String key = string();
            take(':');
            made.put(key, value());
        }
        take('}');
        return made;
    }

    private List<Object> list() {
        List<Object> made = new ArrayList<>();
        take('[');
        while (next() != ']') {
            if (!made.isEmpty()) {
                take(',');
            }
            made.add(value());
        }
        take(']');
        return made;
    }

    private String string() {
        StringBuilder made = new StringBuilder();
        take('"');
        while (at < text.length() && text.charAt(at) != '"') {
            char c = text.charAt(at++);
            made.append(c == '\\' ? escaped() : c);
        }
        take('"');
        return made.toString();
    }

    private char escaped() {
        if (at == text.length()) {
            throw new IllegalArgumentException("a text without an end");
        }
        char c = text.charAt(at++);
        if (c == 'u' && at + 4 <= text.length()) {
            at += 4;
            return (char) Integer.parseInt(text.substring(at - 4, at), 16);
        }
        int place = "\"\\/bfnrt".indexOf(c);
        if (place < 0) {
            throw new IllegalArgumentException("no escape: " + c);
        }
        return "\"\\/\b\f\n\r\t".charAt(place);
    }

    /** The next character that is no space; 0 at the end. */
    private char next() {
        while (at < text.length() && " \t\r\n".indexOf(text.charAt(at)) >= 0) {
            at++;
        }
        return at < text.length() ? text.charAt(at) : 0;
    }

    private void take(char wanted) {
        if (next() != wanted) {
            throw new IllegalArgumentException("expected " + wanted + " at " + at);
        }
        at++;
    }

    private static void write(Object value, StringBuilder out) {
        if (value instanceof Map<?, ?> object) {
            String before = "{";
            for (Map.Entry<?, ?> entry : object.entrySet()) {
                out.append(before);
                write(entry.getKey(), out);
                out.append(": ");
                write(entry.getValue(), out);
                before = ", ";
            }
            out.append(object.isEmpty() ? "{}" : "}");
        } else if (value instanceof List<?> list) {
            String before = "[";
            for (Object item : list) {
                out.append(before);
                write(item, out);
                before = ", ";
            }
            out.append(list.isEmpty() ? "[]" : "]");
        } else if (value instanceof String string) {
            writeString(string, out);
        } else {
            out.append(value instanceof Num number ? number.text() : String.valueOf(value));
        }
    }

    private static void writeString(String string, StringBuilder out) {
        out.append('"');
        for (char c : string.toCharArray()) {
            if (c == '"' || c == '\\') {
                out.append('\\').append(c);
            } else if (c < 0x20) {
                out.append(String.format("\\u%04x", (int) c));
            } else {
                out.append(c);
            }
        }
        out.append('"');
    }
}

/*
 * corpus: C; a line of more than 4 KiB is written past a fixed buffer, which assert() sees
 * expect: crashed
 * suites: async-handler
 * platforms: posix
 */
#define _GNU_SOURCE
#include <assert.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

typedef struct { const char *s; int n; } Text;
typedef struct { char *client, *ref; double due; } Wait;

static char node[256] = "\"?\"";
static Wait *waits;
static long next_id, room, oldest, open_count;

static double now(void) { struct timespec t; clock_gettime(CLOCK_MONOTONIC, &t); return t.tv_sec + t.tv_nsec / 1e9; }
static const char *space(const char *p) { while (*p && strchr(" \t\r\n", *p)) p++; return p; }

/* the end of the value at p, or NULL; if key is given, p is an object and *found gets the value under key */
static const char *value(const char *p, const char *key, Text *found) {
    p = space(p);
    if (*p == '"') {
        for (p++; *p && *p != '"'; p++) if (*p == '\\' && !*++p) return NULL;
        return *p ? p + 1 : NULL;
    }
    if (*p == '{' || *p == '[') {
        char close = *p == '{' ? '}' : ']';
        int object = close == '}';
        if (*(p = space(p + 1)) == close) return p + 1;
        for (;;) {
            const char *k = p = space(p), *end;
            if (object && (*p != '"' || !(p = value(p, NULL, NULL)) || *(p = space(p)) != ':')) return NULL;
            const char *v = object ? space(p + 1) : p;
            if (!(end = value(v, NULL, NULL))) return NULL;
            size_t n = key ? strlen(key) : 0;
            if (object && key && !strncmp(k + 1, key, n) && k[n + 1] == '"') *found = (Text){v, (int)(end - v)};
            p = space(end);
            if (*p == close) return p + 1;
            if (*p++ != ',') return NULL;
        }
    }
    size_t n = strcspn(p, " \t\r\n,]}:\"{[");
    int word = (n == 4 && (!strncmp(p, "true", 4) || !strncmp(p, "null", 4))) || (n == 5 && !strncmp(p, "false", 5));
    return n && (word || strspn(p, "+-0123456789.eE") >= n) ? p + n : NULL;
}

static Text get(Text object, const char *key) {
    Text found = {NULL, 0};
    if (object.s && *object.s == '{') value(object.s, key, &found);
    return found;
}

static int is(Text t, const char *word) { return t.s && t.n == (int)strlen(word) + 2 && !strncmp(t.s + 1, word, t.n - 2); }

static void reply(Text to, Text ref, const char *type, const char *key, Text v) {
    printf("{\"src\":%s,\"dest\":%.*s,\"body\":{\"type\":\"%s\",\"%s\":%.*s,\"in_reply_to\":%.*s,\"msg_id\":%ld}}\n",
           node, to.n, to.s, type, key, v.n, v.s, ref.n, ref.s, next_id++);
}
static void error(Text to, Text ref, const char *code) { reply(to, ref, "error", "code", (Text){code, (int)strlen(code)}); }

static void handle(const char *input) {
    static char line[4096];
    assert(strlen(input) < sizeof line);
    strcpy(line, input);
    const char *end = value(line, NULL, NULL);
    Text all = {space(line), end ? (int)(end - line) : 0}, src = get(all, "src"), body = get(all, "body");
    if (!end || *space(end) || !src.s || *src.s != '"' || !body.s || *body.s != '{') {
        fprintf(stderr, "no message: %.60s\n", line);
        return;
    }
    Text type = get(body, "type"), ref = get(body, "msg_id"), answer = get(body, "in_reply_to");
    if (answer.s) {
        long id = atol(answer.s);
        if (id < 0 || id >= next_id || id >= room || !waits[id].client) return;
        Wait w = waits[id];
        waits[id].client = NULL; open_count--;
        reply((Text){w.client, (int)strlen(w.client)}, (Text){w.ref, (int)strlen(w.ref)}, "proxy_ok", "result", body);
    } else if (is(type, "init")) {
        Text id = get(body, "node_id");
        snprintf(node, sizeof node, "%.*s", id.n, id.s);
        printf("{\"src\":%s,\"dest\":%.*s,\"body\":{\"type\":\"init_ok\",\"in_reply_to\":%.*s,\"msg_id\":%ld}}\n",
               node, src.n, src.s, ref.n, ref.s, next_id++);
    } else if (is(type, "echo")) {
        Text v = get(body, "echo");
        if (v.s) reply(src, ref, "echo_ok", "echo", v); else error(src, ref, "12");
    } else if (is(type, "proxy")) {
        Text target = get(body, "target"), inner = get(body, "inner");
        if (!target.s || !inner.s || *inner.s != '{') { error(src, ref, "12"); return; }
        while (next_id >= room) {
            waits = realloc(waits, (room * 2 + 64) * sizeof *waits);
            memset(waits + room, 0, (room + 64) * sizeof *waits);
            room = room * 2 + 64;
        }
        waits[next_id] = (Wait){strndup(src.s, src.n), strndup(ref.s, ref.n), now() + 1};
        open_count++;
        const char *rest = space(inner.s + 1);
        printf("{\"src\":%s,\"dest\":%.*s,\"body\":{\"msg_id\":%ld%s%.*s}\n", node, target.n, target.s, next_id,
               *rest == '}' ? "" : ",", (int)(inner.s + inner.n - rest), rest);
        next_id++;
    } else error(src, ref, "10");
}

int main(void) {
    char *buf = NULL; size_t have = 0, size = 0; int input = 1;
    while (input || open_count) {
        while (oldest < next_id && oldest < room && !waits[oldest].client) oldest++;
        double left = open_count ? waits[oldest].due - now() : -1;
        struct pollfd in = {0, POLLIN, 0};
        if (poll(&in, input, open_count ? (left > 0 ? (int)(left * 1000) + 1 : 0) : -1) > 0) {
            if (have + 65537 > size) buf = realloc(buf, size = have * 2 + 131072);
            ssize_t n = read(0, buf + have, 65536);
            if (n <= 0) input = 0; else have += n;
            char *start = buf, *nl;
            while ((nl = memchr(start, '\n', buf + have - start))) { *nl = 0; handle(start); start = nl + 1; }
            memmove(buf, start, have -= start - buf);
        }
        for (double t = now(); open_count && oldest < room && oldest < next_id; oldest++) {
            Wait *w = &waits[oldest];
            if (!w->client) continue;
            if (w->due > t) break;
            error((Text){w->client, (int)strlen(w->client)}, (Text){w->ref, (int)strlen(w->ref)}, "0");
            w->client = NULL; open_count--;
        }
        fflush(stdout);
    }
    return 0;
}

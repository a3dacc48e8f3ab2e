/*
 * A PKCS#11 module whose token is in another process, so that tests can kill, stop and start it: one source, two
 * programs. Compiled with -DSERVER it serves a real module (argv[1]) on a socket (argv[2]); without, it is the module
 * that forwards every call to the socket named by REMOTE_TOKEN_SOCKET when it was initialised.
 *
 * A broken connection answers CKR_DEVICE_ERROR; the next call connects again. C_GenerateRandom can be made to hang, see
 * hang_if_asked. LP64 only: every parameter of Cryptoki is
 * passed as one 64-bit word, and a string says what each function's words are:
 *   L word   B octets, length   T template, count   M mechanism   H pointer to a word that is written
 *   O octets to write, pointer to length   R octets to write, length   G template to fill in, count
 *   F words to write, room, pointer to count   S words to write or NULL, pointer to count   I structure to write
 *   P label of 32 octets
 */
#include <dlfcn.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

typedef uint64_t word;
typedef word (*function)(word, word, word, word, word, word, word, word);
typedef struct { word type; void *value; word length; } attribute;
typedef struct { word type; void *parameter; word length; } mechanism;
typedef struct { word kdf, shared_length; void *shared; word public_length; void *public; } ecdh;

enum { FUNCTIONS = 68, WORDS = 8, INFO = 208, KEPT = 512 };
static const word OK = 0, DEVICE_ERROR = 0x30, NOT_SUPPORTED = 0x54, SENSITIVE = 0x11, TYPE_INVALID = 0x12,
                  TOO_SMALL = 0x150, ECDH1_DERIVE = 0x1050, ARRAY = 0x40000000, UNAVAILABLE = ~(word)0;

static const char *const SIGNATURE[FUNCTIONS] = {
    [4] = "LS", [6] = "LI", [7] = "LS", [8] = "LLI", [9] = "LBP", [10] = "LB", [12] = "LLLLH", [13] = "L", [14] = "L",
    [15] = "LI", [18] = "LLB", [19] = "L", [20] = "LTH", [21] = "LLTH", [22] = "LL", [24] = "LLG", [25] = "LLT",
    [26] = "LT", [27] = "LF", [28] = "L", [29] = "LML", [30] = "LBO", [33] = "LML", [34] = "LBO", [42] = "LML",
    [43] = "LBO", [58] = "LMTH", [59] = "LMTTHH", [60] = "LMLLO", [61] = "LMLBTH", [62] = "LMLTH", [64] = "LR",
};

/* A message being written or read. What is read is allocated, and freed with the message. */
typedef struct { uint8_t *octets; size_t length, room, at; void *allocated[KEPT]; int allocations; } message;

static void *keep(message *m, size_t size) {
    if (m->allocations == KEPT) abort();
    return m->allocated[m->allocations++] = calloc(1, size ? size : 1);
}

static void discard(message *m) {
    for (int i = 0; i < m->allocations; i++) free(m->allocated[i]);
    free(m->octets);
}

static void put(message *m, const void *octets, size_t length) {
    if (m->length + length > m->room) m->octets = realloc(m->octets, m->room = 2 * (m->length + length));
    if (length) memcpy(m->octets + m->length, octets, length);
    m->length += length;
}

static void put_word(message *m, word value) { put(m, &value, sizeof value); }

static void put_octets(message *m, const void *octets, word length) {
    put_word(m, octets ? length : UNAVAILABLE);
    if (octets) put(m, octets, length);
}

static word get_word(message *m) {
    word value = 0;
    if (m->at + sizeof value <= m->length) memcpy(&value, m->octets + m->at, sizeof value);
    m->at += sizeof value;
    return value;
}

static void *get_octets(message *m, word *length) {
    *length = get_word(m);
    if (*length == UNAVAILABLE || m->at + *length > m->length) { *length = 0; return NULL; }
    void *copy = keep(m, *length);
    memcpy(copy, m->octets + m->at, *length);
    m->at += *length;
    return copy;
}

static void put_template(message *m, const attribute *attributes, word count) {
    put_word(m, count);
    for (word i = 0; i < count; i++) {
        put_word(m, attributes[i].type);
        if (attributes[i].type & ARRAY) put_template(m, attributes[i].value, attributes[i].length / sizeof(attribute));
        else put_octets(m, attributes[i].value, attributes[i].length);
    }
}

static attribute *get_template(message *m, word *count) {
    *count = get_word(m);
    attribute *attributes = keep(m, *count * sizeof(attribute));
    for (word i = 0; i < *count; i++) {
        attributes[i].type = get_word(m);
        if (attributes[i].type & ARRAY) {
            word nested;
            attributes[i].value = get_template(m, &nested);
            attributes[i].length = nested * sizeof(attribute);
        } else attributes[i].value = get_octets(m, &attributes[i].length);
    }
    return attributes;
}

static int transfer(int socket, message *m, int sending) {
    word length = m->length;
    for (int part = 0; part < 2; part++) {
        uint8_t *at = part ? m->octets : (uint8_t *)&length;
        size_t left = part ? length : sizeof length;
        while (left) {
            ssize_t moved = sending ? send(socket, at, left, MSG_NOSIGNAL) : recv(socket, at, left, 0);
            if (moved <= 0) return 0;
            at += moved, left -= moved;
        }
        if (!part && !sending) m->octets = realloc(m->octets, m->length = m->room = length ? length : 1), m->length = length;
    }
    return 1;
}

#ifdef SERVER

static function *module_functions;

static void serve(message *in, message *out) {
    word a[WORDS] = {0}, room[WORDS] = {0};
    word number = get_word(in);
    const char *signature = number < FUNCTIONS ? SIGNATURE[number] : NULL;
    if (!signature) { put_word(out, NOT_SUPPORTED); return; }
    int n = 0;
    for (const char *s = signature; *s; s++) {
        switch (*s) {
            case 'L': a[n++] = get_word(in); break;
            case 'B': a[n] = (word)get_octets(in, &a[n + 1]); n += 2; break;
            case 'P': a[n++] = (word)get_octets(in, &room[0]); break;
            case 'T': a[n] = (word)get_template(in, &a[n + 1]); n += 2; break;
            case 'M': {
                mechanism *m = keep(in, sizeof *m);
                m->type = get_word(in);
                m->parameter = get_octets(in, &m->length);
                if (m->type == ECDH1_DERIVE && m->parameter) {
                    ecdh *e = m->parameter;
                    e->public = get_octets(in, &e->public_length);
                    e->shared = get_octets(in, &e->shared_length);
                }
                a[n++] = (word)m;
                break;
            }
            case 'H': a[n++] = (word)keep(in, sizeof(word)); break;
            case 'I': a[n++] = (word)keep(in, INFO); break;
            case 'R': a[n + 1] = get_word(in); a[n] = (word)keep(in, a[n + 1]); n += 2; break;
            case 'F': a[n + 1] = get_word(in); a[n] = (word)keep(in, 8 * a[n + 1]); a[n + 2] = (word)keep(in, 8); n += 3; break;
            case 'O': case 'S': {
                word *length = keep(in, sizeof(word));
                word present = get_word(in);
                room[n] = *length = get_word(in);
                a[n] = present ? (word)keep(in, (*s == 'S' ? 8 : 1) * *length) : 0;
                a[n + 1] = (word)length;
                n += 2;
                break;
            }
            case 'G': {
                word count = get_word(in);
                attribute *attributes = keep(in, count * sizeof(attribute));
                for (word i = 0; i < count; i++) {
                    attributes[i].type = get_word(in);
                    word present = get_word(in);
                    attributes[i].length = get_word(in);
                    attributes[i].value = present ? keep(in, attributes[i].length) : NULL;
                }
                a[n] = (word)attributes, a[n + 1] = count, n += 2;
                break;
            }
        }
    }
    word answer = module_functions[number](a[0], a[1], a[2], a[3], a[4], a[5], a[6], a[7]);
    put_word(out, answer);
    n = 0;
    for (const char *s = signature; *s; s++) {
        switch (*s) {
            case 'L': case 'P': case 'M': n++; break;
            case 'B': case 'T': n += 2; break;
            case 'H': put_word(out, *(word *)a[n++]); break;
            case 'I': put(out, (void *)a[n++], INFO); break;
            case 'R': put_octets(out, (void *)a[n], a[n + 1]); n += 2; break;
            case 'F': put_word(out, *(word *)a[n + 2]); put(out, (void *)a[n], 8 * a[n + 1]); n += 3; break;
            case 'O': case 'S': {
                word length = *(word *)a[n + 1];
                word written = answer == OK && a[n] && length <= room[n] ? (*s == 'S' ? 8 : 1) * length : 0;
                put_word(out, length);
                put_octets(out, (void *)(a[n] ? a[n] : (word) ""), written);
                n += 2;
                break;
            }
            case 'G': {
                attribute *attributes = (attribute *)a[n];
                for (word i = 0; i < a[n + 1]; i++) {
                    word length = attributes[i].length;
                    put_word(out, length);
                    put_octets(out, attributes[i].value, length == UNAVAILABLE || !attributes[i].value ? 0 : length);
                }
                n += 2;
                break;
            }
        }
    }
}

static void *connection(void *socket) {
    for (;;) {
        message in = {0}, out = {0};
        int alive = transfer((int)(intptr_t)socket, &in, 0);
        if (alive) serve(&in, &out), alive = transfer((int)(intptr_t)socket, &out, 1);
        discard(&in), discard(&out);
        if (!alive) break;
    }
    close((int)(intptr_t)socket);
    return NULL;
}

int main(int argc, char **argv) {
    void *library = argc == 3 ? dlopen(argv[1], RTLD_NOW) : NULL;
    word (*get_list)(void *) = library ? (word(*)(void *))dlsym(library, "C_GetFunctionList") : NULL;
    void **list = NULL;
    if (!get_list || get_list(&list) != OK) { fprintf(stderr, "usage: server MODULE SOCKET\n"); return 2; }
    module_functions = (function *)(list + 1);
    word arguments[6] = {0, 0, 0, 0, 2, 0};
    if (((word(*)(void *))module_functions[0])(arguments) != OK) return 3;
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    snprintf(address.sun_path, sizeof address.sun_path, "%s", argv[2]);
    unlink(argv[2]);
    int listening = socket(AF_UNIX, SOCK_STREAM, 0);
    if (bind(listening, (void *)&address, sizeof address) || listen(listening, 64)) { perror(argv[2]); return 4; }
    puts("ready"), fflush(stdout);
    for (;;) {
        pthread_t thread;
        intptr_t accepted = accept(listening, NULL, NULL);
        if (accepted >= 0 && pthread_create(&thread, NULL, connection, (void *)accepted) == 0) pthread_detach(thread);
    }
}

#else

static char socket_path[108];
static pthread_key_t connection_key;

static void hang_up(void *socket) { close((int)(intptr_t)socket - 1); }

static void drop(intptr_t socket) {
    hang_up((void *)socket);
    pthread_setspecific(connection_key, NULL);
}

/* This thread's connection, as descriptor + 1. */
static intptr_t connected(void) {
    intptr_t known = (intptr_t)pthread_getspecific(connection_key);
    if (known) return known;
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    memcpy(address.sun_path, socket_path, sizeof address.sun_path);
    int made = socket(AF_UNIX, SOCK_STREAM, 0);
    if (made < 0 || connect(made, (void *)&address, sizeof address)) { if (made >= 0) close(made); return 0; }
    pthread_setspecific(connection_key, (void *)(intptr_t)(made + 1));
    return made + 1;
}

/* Where the file SOCKET.hang is, one call takes it and does not return until SOCKET.hung is gone. */
static void hang_if_asked(void) {
    char ask[128], taken[128];
    snprintf(ask, sizeof ask, "%s.hang", socket_path);
    snprintf(taken, sizeof taken, "%s.hung", socket_path);
    if (rename(ask, taken)) return;
    while (access(taken, F_OK) == 0) usleep(10000);
}

static word call(int number, word *a) {
    if (number == 64) hang_if_asked();
    message out = {0}, in = {0};
    put_word(&out, number);
    const char *signature = SIGNATURE[number];
    int n = 0;
    for (const char *s = signature; *s; s++) {
        switch (*s) {
            case 'L': put_word(&out, a[n++]); break;
            case 'B': put_octets(&out, (void *)a[n], a[n + 1]); n += 2; break;
            case 'P': put_octets(&out, (void *)a[n++], 32); break;
            case 'T': put_template(&out, (void *)a[n], a[n + 1]); n += 2; break;
            case 'M': {
                mechanism *m = (mechanism *)a[n++];
                put_word(&out, m->type);
                put_octets(&out, m->parameter, m->length);
                if (m->type == ECDH1_DERIVE && m->parameter) {
                    ecdh *e = m->parameter;
                    put_octets(&out, e->public, e->public_length);
                    put_octets(&out, e->shared, e->shared_length);
                }
                break;
            }
            case 'H': case 'I': n++; break;
            case 'R': put_word(&out, a[n + 1]); n += 2; break;
            case 'F': put_word(&out, a[n + 1]); n += 3; break;
            case 'O': case 'S': put_word(&out, a[n] != 0); put_word(&out, *(word *)a[n + 1]); n += 2; break;
            case 'G': {
                attribute *attributes = (attribute *)a[n];
                put_word(&out, a[n + 1]);
                for (word i = 0; i < a[n + 1]; i++) {
                    put_word(&out, attributes[i].type);
                    put_word(&out, attributes[i].value != NULL);
                    put_word(&out, attributes[i].length);
                }
                n += 2;
                break;
            }
        }
    }
    intptr_t socket = connected();
    int done = socket && transfer((int)socket - 1, &out, 1) && transfer((int)socket - 1, &in, 0);
    if (!done) {
        if (socket) drop(socket);
        discard(&out), discard(&in);
        return DEVICE_ERROR;
    }
    word answer = get_word(&in);
    n = 0;
    for (const char *s = signature; *s && in.at < in.length; s++) {
        switch (*s) {
            case 'L': case 'P': case 'M': n++; break;
            case 'B': case 'T': n += 2; break;
            case 'H': { word value = get_word(&in); if (answer == OK) *(word *)a[n] = value; n++; break; }
            case 'I': {
                size_t size = number == 6 ? 208 : number == 8 ? 24 : 32;
                if (answer == OK) memcpy((void *)a[n], in.octets + in.at, size);
                in.at += INFO, n++;
                break;
            }
            case 'R': { word length; void *octets = get_octets(&in, &length); if (octets) memcpy((void *)a[n], octets, length); n += 2; break; }
            case 'F': {
                *(word *)a[n + 2] = get_word(&in);
                memcpy((void *)a[n], in.octets + in.at, 8 * *(word *)a[n + 2]);
                in.at += 8 * a[n + 1], n += 3;
                break;
            }
            case 'O': case 'S': {
                word length, octets_length;
                length = get_word(&in);
                void *octets = get_octets(&in, &octets_length);
                if (answer == OK || answer == TOO_SMALL) *(word *)a[n + 1] = length;
                if (answer == OK && a[n] && octets) memcpy((void *)a[n], octets, octets_length);
                n += 2;
                break;
            }
            case 'G': {
                attribute *attributes = (attribute *)a[n];
                for (word i = 0; i < a[n + 1]; i++) {
                    word length;
                    word told = get_word(&in);
                    void *octets = get_octets(&in, &length);
                    if (octets && attributes[i].value && length <= attributes[i].length)
                        memcpy(attributes[i].value, octets, length);
                    if (answer == OK || answer == SENSITIVE || answer == TYPE_INVALID || answer == TOO_SMALL)
                        attributes[i].length = told;
                }
                n += 2;
                break;
            }
        }
    }
    discard(&out), discard(&in);
    return answer;
}

static word initialise(void *arguments) {
    (void)arguments;
    const char *path = getenv("REMOTE_TOKEN_SOCKET");
    if (!path) return 0x7;
    snprintf(socket_path, sizeof socket_path, "%s", path);
    return OK;
}

static word finalise(void *reserved) { (void)reserved; return OK; }

static word unsupported(void) { return NOT_SUPPORTED; }

#define STUB(n) static word stub##n(word a, word b, word c, word d, word e, word f, word g, word h) { \
    word words[WORDS] = {n == 4 ? a & 0xff : a, b, c, d, e, f, g, h}; return call(n, words); }
STUB(4) STUB(6) STUB(7) STUB(8) STUB(9) STUB(10) STUB(12) STUB(13) STUB(14) STUB(15) STUB(18) STUB(19) STUB(20)
STUB(21) STUB(22) STUB(24) STUB(25) STUB(26) STUB(27) STUB(28) STUB(29) STUB(30) STUB(33) STUB(34) STUB(42) STUB(43)
STUB(58) STUB(59) STUB(60) STUB(61) STUB(62) STUB(64)

static void *list[1 + FUNCTIONS];

static void make_key(void) { pthread_key_create(&connection_key, hang_up); }

word C_GetFunctionList(void ***functions) {
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, make_key);
    ((uint8_t *)list)[0] = 2, ((uint8_t *)list)[1] = 40;
    for (int i = 0; i < FUNCTIONS; i++) list[1 + i] = (void *)unsupported;
    list[1] = (void *)initialise, list[2] = (void *)finalise;
#define ENTER(n) list[1 + n] = (void *)stub##n;
    ENTER(4) ENTER(6) ENTER(7) ENTER(8) ENTER(9) ENTER(10) ENTER(12) ENTER(13) ENTER(14) ENTER(15) ENTER(18) ENTER(19)
    ENTER(20) ENTER(21) ENTER(22) ENTER(24) ENTER(25) ENTER(26) ENTER(27) ENTER(28) ENTER(29) ENTER(30) ENTER(33)
    ENTER(34) ENTER(42) ENTER(43) ENTER(58) ENTER(59) ENTER(60) ENTER(61) ENTER(62) ENTER(64)
    *functions = list;
    return OK;
}

#endif

/*
 * Token ceiling: the token calls of one authentication with nothing around them, so that Kiln's rates can be read as a
 * share of what the token gives to a C caller. Types and numbers are those of PKCS#11 2.40 for LP64 Linux.
 *
 * usage: token_ceiling MODULE TOKEN cold|cold-session|hot|generate|card VECTORS THREADS SECONDS [handles=N]
 *            [keys=N] [codes=N] [wraps=N]
 *
 * cold:         C_UnwrapKey under SK-1, C_EncryptInit and C_Encrypt of VECTORS blocks, the same of 4 * VECTORS blocks,
 *               C_DestroyObject.
 * cold-session: the same under a storage key that is a session object, made for this run.
 * hot:          the two encryptions, under N keys in turn that each thread has unwrapped before; 1 unless told.
 * generate:     C_GenerateKey, C_WrapKey under SK-1 N times, 2 unless told, C_DestroyObject; VECTORS does not matter.
 * card:         what a card's secrets take: keys=N times C_GenerateKey and C_GetAttributeValue of its check value, the first key
 *               encrypting two blocks as Ki does for OPc; codes=N times C_GenerateRandom and C_CreateObject; of each secret
 *               C_DestroyObject; and wraps=N C_WrapKey under SK-1, the first secrets having those that are more than one each.
 *
 * Templates deny by name every right that the key is not to have, as Kiln's do; the locked storage key wants that.
 *
 * The user's PIN is read from the environment variable KILN_USER_PIN. Nothing is left on the token.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define CKA_CLASS 0x000
#define CKA_TOKEN 0x001
#define CKA_PRIVATE 0x002
#define CKA_LABEL 0x003
#define CKA_VALUE 0x011
#define CKA_CHECK_VALUE 0x090
#define CKA_KEY_TYPE 0x100
#define CKA_SENSITIVE 0x103
#define CKA_ENCRYPT 0x104
#define CKA_DECRYPT 0x105
#define CKA_WRAP 0x106
#define CKA_UNWRAP 0x107
#define CKA_SIGN 0x108
#define CKA_VERIFY 0x10a
#define CKA_DERIVE 0x10c
#define CKA_VALUE_LEN 0x161
#define CKA_EXTRACTABLE 0x162
#define CKA_WRAP_WITH_TRUSTED 0x210
#define CKF_OS_LOCKING_OK 0x02
#define CKF_RW_SERIAL_SESSION 0x06
#define CKM_AES_KEY_GEN 0x1080
#define CKM_AES_ECB 0x1081
#define CKM_AES_KEY_WRAP_PAD 0x210a
#define CKU_USER 1

#define STORAGE_KEY "SK-1"
#define BLOCK 16
#define CODE 8
#define LABEL_OCTETS 32
#define ATTRIBUTES (sizeof in_use / sizeof *in_use)
#define MOST_SECONDS 10
#define MOST_SLOTS 64
#define MOST_THREADS 64
#define MOST_VECTORS 32
#define MOST_HANDLES 1000000
#define MOST_SECRETS 100
#define MOST_WRAPS 100

typedef unsigned char byte;
typedef unsigned long word;

typedef struct {
    word type;
    void *value;
    word length;
} attribute;

typedef struct {
    word type;
    void *parameter;
    word length;
} mechanism;

typedef struct {
    void *mutex_functions[4];
    word flags;
    void *reserved;
} initialize_arguments;

/* CK_TOKEN_INFO, of which the label alone is read. */
typedef struct {
    byte label[LABEL_OCTETS];
    byte rest[224];
} token_info;

/* CK_FUNCTION_LIST: a version, then the functions in the standard's order; those not called here are left unnamed. */
typedef struct {
    byte version[8];
    word (*initialize)(initialize_arguments *);
    void *unused_1[3];
    word (*get_slot_list)(byte token_present, word *slots, word *count);
    void *unused_2;
    word (*get_token_info)(word slot, token_info *);
    void *unused_3[5];
    word (*open_session)(word slot, word flags, void *application, void *notify, word *session);
    void *unused_4[5];
    word (*login)(word session, word user_type, byte *pin, word pin_length);
    void *unused_5;
    word (*create_object)(word session, attribute *, word count, word *object);
    void *unused_6;
    word (*destroy_object)(word session, word object);
    void *unused_7;
    word (*get_attribute_value)(word session, word object, attribute *, word count);
    void *unused_8;
    word (*find_objects_init)(word session, attribute *, word count);
    word (*find_objects)(word session, word *found, word room, word *count);
    word (*find_objects_final)(word session);
    word (*encrypt_init)(word session, mechanism *, word key);
    word (*encrypt)(word session, byte *in, word in_length, byte *out, word *out_length);
    void *unused_9[27];
    word (*generate_key)(word session, mechanism *, attribute *, word count, word *key);
    void *unused_10;
    word (*wrap_key)(word session, mechanism *, word wrapping_key, word key, byte *out, word *out_length);
    word (*unwrap_key)(
        word session, mechanism *, word key, byte *wrapped, word wrapped_length, attribute *, word count, word *object);
    void *unused_11[2];
    word (*generate_random)(word session, byte *out, word length);
} function_list;

typedef struct {
    pthread_t thread;
    word session;
    word *ki;
    word operations;
    double seconds;
    byte in[4 * MOST_VECTORS * BLOCK];
    byte out[4 * MOST_VECTORS * BLOCK];
} caller;

static byte yes = 1;
static byte no = 0;
static word secret_key = 0x04;
static word aes = 0x1f;
static word generic_secret = 0x10;
static word ki_octets = BLOCK;

/* Every right by its name: to encrypt, or not, and none else. */
#define ENCRYPT_ALONE(may) \
    {CKA_ENCRYPT, may, 1}, {CKA_DECRYPT, &no, 1}, {CKA_WRAP, &no, 1}, {CKA_UNWRAP, &no, 1}, {CKA_SIGN, &no, 1}, \
        {CKA_VERIFY, &no, 1}, {CKA_DERIVE, &no, 1}

/* A Ki in use. */
static attribute in_use[] = {
    {CKA_CLASS, &secret_key, sizeof secret_key},
    {CKA_KEY_TYPE, &aes, sizeof aes},
    {CKA_TOKEN, &no, 1},
    {CKA_PRIVATE, &no, 1},
    {CKA_SENSITIVE, &yes, 1},
    {CKA_WRAP_WITH_TRUSTED, &yes, 1},
    {CKA_EXTRACTABLE, &no, 1},
    ENCRYPT_ALONE(&yes),
};

static mechanism ecb = {CKM_AES_ECB, NULL, 0};
static mechanism key_wrap = {CKM_AES_KEY_WRAP_PAD, NULL, 0};

static function_list *token;
static word storage_key;
static byte blob[64];
static word blob_length = sizeof blob;

static enum { COLD, COLD_SESSION, HOT, GENERATE, CARD, MODES } mode;
static const char *const modes[] = {"cold", "cold-session", "hot", "generate", "card"};
static word vectors;
static word handles = 1;
static long keys = 1;
static long codes = 0;
static long wraps = 2;
static atomic_int stop;
static pthread_barrier_t start;

static void die(const char *what) {
    fprintf(stderr, "token_ceiling: %s\n", what);
    exit(1);
}

static void check(const char *function, word answer) {
    if (answer != 0) {
        fprintf(stderr, "token_ceiling: %s answered 0x%lx\n", function, answer);
        exit(1);
    }
}

static void load(const char *path) {
    void *library = dlopen(path, RTLD_NOW);
    if (library == NULL) {
        die(dlerror());
    }
    word (*get_function_list)(function_list **);
    *(void **) &get_function_list = dlsym(library, "C_GetFunctionList");
    if (get_function_list == NULL) {
        die("the module exports no C_GetFunctionList");
    }
    check("C_GetFunctionList", get_function_list(&token));
    initialize_arguments arguments = {.flags = CKF_OS_LOCKING_OK};
    check("C_Initialize", token->initialize(&arguments));
}

static word slot_of(const char *label) {
    byte padded[LABEL_OCTETS];
    size_t length = strlen(label);
    if (length > LABEL_OCTETS) {
        die("a token's label has at most 32 octets");
    }
    memset(padded, ' ', sizeof padded);
    memcpy(padded, label, length);
    word slots[MOST_SLOTS];
    word count = MOST_SLOTS;
    check("C_GetSlotList", token->get_slot_list(1, slots, &count));
    for (word i = 0; i < count; i++) {
        token_info info;
        check("C_GetTokenInfo", token->get_token_info(slots[i], &info));
        if (memcmp(info.label, padded, sizeof padded) == 0) {
            return slots[i];
        }
    }
    die("no token has that label; is SOFTHSM2_CONF set?");
    return 0;
}

static word open_session(word slot) {
    word session;
    check("C_OpenSession", token->open_session(slot, CKF_RW_SERIAL_SESSION, NULL, NULL, &session));
    return session;
}

static void login(word session) {
    char *pin = getenv("KILN_USER_PIN");
    if (pin == NULL || *pin == '\0') {
        die("set the environment variable KILN_USER_PIN");
    }
    check("C_Login", token->login(session, CKU_USER, (byte *) pin, strlen(pin)));
}

static word find_storage_key(word session) {
    attribute wanted[] = {
        {CKA_CLASS, &secret_key, sizeof secret_key},
        {CKA_TOKEN, &yes, 1},
        {CKA_PRIVATE, &yes, 1},
        {CKA_LABEL, STORAGE_KEY, sizeof STORAGE_KEY - 1},
    };
    word found[2];
    word count;
    check("C_FindObjectsInit", token->find_objects_init(session, wanted, 4));
    check("C_FindObjects", token->find_objects(session, found, 2, &count));
    check("C_FindObjectsFinal", token->find_objects_final(session));
    if (count != 1) {
        die("the token does not hold exactly one key labelled " STORAGE_KEY);
    }
    return found[0];
}

/* The laboratory's storage key: a session object, which a token finds without looking at its disk. */
static word make_session_storage_key(word session) {
    static word octets = 32;
    attribute template[] = {
        {CKA_CLASS, &secret_key, sizeof secret_key},
        {CKA_KEY_TYPE, &aes, sizeof aes},
        {CKA_TOKEN, &no, 1},
        {CKA_PRIVATE, &no, 1},
        {CKA_SENSITIVE, &yes, 1},
        {CKA_EXTRACTABLE, &no, 1},
        {CKA_WRAP, &yes, 1},
        {CKA_UNWRAP, &yes, 1},
        {CKA_VALUE_LEN, &octets, sizeof octets},
    };
    mechanism generation = {CKM_AES_KEY_GEN, NULL, 0};
    word key;
    check("C_GenerateKey", token->generate_key(session, &generation, template, 9, &key));
    return key;
}

static word generate(word session) {
    attribute template[] = {
        {CKA_CLASS, &secret_key, sizeof secret_key},
        {CKA_KEY_TYPE, &aes, sizeof aes},
        {CKA_TOKEN, &no, 1},
        {CKA_PRIVATE, &no, 1},
        {CKA_SENSITIVE, &yes, 1},
        {CKA_WRAP_WITH_TRUSTED, mode == COLD_SESSION ? &no : &yes, 1},
        {CKA_EXTRACTABLE, &yes, 1},
        ENCRYPT_ALONE(&yes),
        {CKA_VALUE_LEN, &ki_octets, sizeof ki_octets},
    };
    mechanism generation = {CKM_AES_KEY_GEN, NULL, 0};
    word ki;
    check("C_GenerateKey", token->generate_key(session, &generation, template, sizeof template / sizeof *template, &ki));
    return ki;
}

/* A PIN or the like: octets of the caller's, which the token only wraps. */
static word make_code(word session) {
    byte octets[CODE];
    check("C_GenerateRandom", token->generate_random(session, octets, sizeof octets));
    attribute template[] = {
        {CKA_CLASS, &secret_key, sizeof secret_key},
        {CKA_KEY_TYPE, &generic_secret, sizeof generic_secret},
        {CKA_TOKEN, &no, 1},
        {CKA_PRIVATE, &no, 1},
        {CKA_SENSITIVE, &yes, 1},
        {CKA_WRAP_WITH_TRUSTED, &yes, 1},
        {CKA_EXTRACTABLE, &yes, 1},
        ENCRYPT_ALONE(&no),
        {CKA_VALUE, octets, sizeof octets},
    };
    word code;
    check("C_CreateObject", token->create_object(session, template, sizeof template / sizeof *template, &code));
    return code;
}

static void read_check_value(word session, word key) {
    byte octets[8];
    attribute value = {CKA_CHECK_VALUE, octets, sizeof octets};
    check("C_GetAttributeValue", token->get_attribute_value(session, key, &value, 1));
}

static void wrap(word session, word ki, byte *out, word *out_length) {
    check("C_WrapKey", token->wrap_key(session, &key_wrap, storage_key, ki, out, out_length));
}

/* A Ki under the storage key, as a store would hold it. */
static void make_blob(word session) {
    word ki = generate(session);
    wrap(session, ki, blob, &blob_length);
    check("C_DestroyObject", token->destroy_object(session, ki));
}

static word unwrap(word session) {
    word ki;
    check(
        "C_UnwrapKey",
        token->unwrap_key(session, &key_wrap, storage_key, blob, blob_length, in_use, ATTRIBUTES, &ki));
    return ki;
}

static void encrypt(caller *me, word key, word blocks) {
    word length = sizeof me->out;
    check("C_EncryptInit", token->encrypt_init(me->session, &ecb, key));
    check("C_Encrypt", token->encrypt(me->session, me->in, blocks * BLOCK, me->out, &length));
}

static void authenticate(caller *me) {
    int kept = mode == HOT;
    word key = kept ? me->ki[me->operations % handles] : unwrap(me->session);
    encrypt(me, key, vectors);
    encrypt(me, key, 4 * vectors);
    if (!kept) {
        check("C_DestroyObject", token->destroy_object(me->session, key));
    }
}

static void wrap_and_destroy(caller *me, word object, long times) {
    for (long i = 0; i < times; i++) {
        word length = sizeof me->out;
        wrap(me->session, object, me->out, &length);
    }
    check("C_DestroyObject", token->destroy_object(me->session, object));
}

static void make_card(caller *me) {
    long secrets = keys + codes;
    for (long i = 0; i < secrets; i++) {
        int is_key = i < keys;
        word secret = is_key ? generate(me->session) : make_code(me->session);
        if (is_key) {
            read_check_value(me->session, secret);
        }
        if (is_key && i == 0) {
            encrypt(me, secret, 1);
            encrypt(me, secret, 1);
        }
        wrap_and_destroy(me, secret, wraps / secrets + (i < wraps % secrets));
    }
}

static double now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double) time.tv_sec + (double) time.tv_nsec / 1e9;
}

static void *call(void *argument) {
    caller *me = argument;
    pthread_barrier_wait(&start);
    double began = now();
    while (!atomic_load_explicit(&stop, memory_order_relaxed)) {
        if (mode == GENERATE) {
            wrap_and_destroy(me, generate(me->session), wraps);
        } else if (mode == CARD) {
            make_card(me);
        } else {
            authenticate(me);
        }
        me->operations++;
    }
    me->seconds = now() - began;
    return NULL;
}

static long number(const char *text, const char *what, long most) {
    char *end;
    long value = strtol(text, &end, 10);
    if (*text == '\0' || *end != '\0' || value < 1 || value > most) {
        fprintf(stderr, "token_ceiling: %s is a number from 1 to %ld, not '%s'\n", what, most, text);
        exit(2);
    }
    return value;
}

static void usage(void) {
    fprintf(stderr, "usage: token_ceiling MODULE TOKEN cold|cold-session|hot|generate|card VECTORS THREADS SECONDS"
                    " [handles=N] [keys=N] [codes=N] [wraps=N]\n");
    exit(2);
}

int main(int count, char **arguments) {
    if (count < 7) {
        usage();
    }
    int known = 0;
    for (int i = 0; i < MODES; i++) {
        if (strcmp(arguments[3], modes[i]) == 0) {
            mode = i;
            known = 1;
        }
    }
    if (!known) {
        usage();
    }
    vectors = (word) number(arguments[4], "VECTORS", MOST_VECTORS);
    int threads = (int) number(arguments[5], "THREADS", MOST_THREADS);
    int seconds = (int) number(arguments[6], "SECONDS", MOST_SECONDS);
    for (int i = 7; i < count; i++) {
        if (strncmp(arguments[i], "handles=", 8) == 0) {
            handles = (word) number(arguments[i] + 8, "handles", MOST_HANDLES);
        } else if (strncmp(arguments[i], "keys=", 5) == 0) {
            keys = number(arguments[i] + 5, "keys", MOST_SECRETS);
        } else if (strncmp(arguments[i], "codes=", 6) == 0) {
            codes = number(arguments[i] + 6, "codes", MOST_SECRETS);
        } else if (strncmp(arguments[i], "wraps=", 6) == 0) {
            wraps = number(arguments[i] + 6, "wraps", MOST_WRAPS);
        } else {
            usage();
        }
    }

    load(arguments[1]);
    word slot = slot_of(arguments[2]);
    word session = open_session(slot);
    login(session);
    storage_key = mode == COLD_SESSION ? make_session_storage_key(session) : find_storage_key(session);
    make_blob(session);

    static caller callers[MOST_THREADS];
    pthread_barrier_init(&start, NULL, (unsigned) threads + 1);
    for (int i = 0; i < threads; i++) {
        callers[i].session = open_session(slot);
        callers[i].ki = calloc(handles, sizeof *callers[i].ki);
        if (callers[i].ki == NULL) {
            die("no memory for so many handles");
        }
        for (word j = 0; mode == HOT && j < handles; j++) {
            callers[i].ki[j] = unwrap(callers[i].session);
        }
        check("C_GenerateRandom", token->generate_random(session, callers[i].in, sizeof callers[i].in));
        if (pthread_create(&callers[i].thread, NULL, call, &callers[i]) != 0) {
            die("a thread cannot be started");
        }
    }
    pthread_barrier_wait(&start);
    struct timespec duration = {.tv_sec = seconds};
    nanosleep(&duration, NULL);
    atomic_store(&stop, 1);

    double rate = 0;
    for (int i = 0; i < threads; i++) {
        pthread_join(callers[i].thread, NULL);
        rate += (double) callers[i].operations / callers[i].seconds;
    }
    printf(
        "%s vectors=%lu threads=%d seconds=%d handles=%lu operations/s=%.0f\n",
        arguments[3], vectors, threads, seconds, handles, rate);
    /* Sessions and their objects go with the process. */
    return 0;
}

/*
 * SoftHSM with Luna's mechanisms for vectors on top of its AES: CKM_MILENAGE and CKM_MILENAGE_RESYNC are computed; CKM_TUAK
 * and CKM_TUAK_RESYNC, for which SoftHSM lets nobody read Ki, only take their parameters apart and answer with them.
 * OPC_FLAG is the value that stands for LUNA_5G_OPC.
 */
#include <dlfcn.h>
#include <stddef.h>
#include <string.h>

enum { GET_ATTRIBUTE = 24, DESTROY = 22, ENCRYPT_INIT = 29, ENCRYPT = 30, SIGN_INIT = 42, SIGN = 43, UNWRAP = 61, RANDOM = 64 };
enum { MILENAGE = 0xe21, MILENAGE_RESYNC = 0xe22, TUAK = 0xe24, TUAK_RESYNC = 0xe25 };

typedef unsigned long word;
typedef unsigned char byte;
typedef struct { word type; void *parameter; word length; } mechanism;
typedef struct { word type; void *value; word length; } attribute;
struct function_list { byte major, minor; void *functions[68]; };

struct milenage {
    word flags, ki_length; byte *ki; word opc_length; byte *opc; word secondary, rc; byte sqn[6], amf[2];
};
struct tuak {
    word flags, ki_length; byte *ki; word opc_length; byte *opc; word iterations, secondary, res, mac, ck, ik;
    byte sqn[6], amf[2];
};

static struct function_list list;
static struct function_list *behind;

/* One operation at a time in each of a few sessions, as the tests need it. */
enum { SESSIONS = 64 };
static struct { word session, type, key; struct milenage m; struct tuak t; byte ki[64], opc[32]; } active[SESSIONS];

static int slot_of(word session) { return (int) (session % SESSIONS); }

static word sign_init(word session, mechanism *m, word key)
{
    word (*right)(word, mechanism *, word) = (word (*)(word, mechanism *, word)) behind->functions[SIGN_INIT];
    word (*get)(word, word, attribute *, word) =
        (word (*)(word, word, attribute *, word)) behind->functions[GET_ATTRIBUTE];
    word type = m->type & ~0x80000000UL;
    int milenage = type == MILENAGE || type == MILENAGE_RESYNC, tuak = type == TUAK || type == TUAK_RESYNC;
    int at = slot_of(session);
    byte signs = 0;
    attribute sign = { 0x108, &signs, 1 };
    active[at].type = 0;
    if (!(m->type & 0x80000000UL) || !(milenage || tuak)) return right(session, m, key);
    if (m->length != (milenage ? sizeof(struct milenage) : sizeof(struct tuak))) return 0x71;
    if (get(session, key, &sign, 1) != 0 || !signs) return 0x68;
    if (milenage) active[at].m = *(struct milenage *) m->parameter;
    else active[at].t = *(struct tuak *) m->parameter;
    byte *ki = milenage ? active[at].m.ki : active[at].t.ki, *opc = milenage ? active[at].m.opc : active[at].t.opc;
    word ki_length = milenage ? active[at].m.ki_length : active[at].t.ki_length;
    word opc_length = milenage ? active[at].m.opc_length : active[at].t.opc_length;
    word flags = milenage ? active[at].m.flags : active[at].t.flags;
    if (flags != OPC_FLAG || opc_length != (milenage ? 16 : 32)) return 0x71;
    if (milenage ? ki_length != 24 : (ki_length != 24 && ki_length != 40)) return 0x71;
    memcpy(active[at].ki, ki, ki_length);
    memcpy(active[at].opc, opc, opc_length);
    active[at].session = session; active[at].type = type; active[at].key = key;
    return 0;
}

static word aes(word session, word key, const byte in[16], byte out[16])
{
    word (*init)(word, mechanism *, word) = (word (*)(word, mechanism *, word)) behind->functions[ENCRYPT_INIT];
    word (*encrypt)(word, const byte *, word, byte *, word *) =
        (word (*)(word, const byte *, word, byte *, word *)) behind->functions[ENCRYPT];
    mechanism ecb = { 0x1081, NULL, 0 };
    word length = 16, answer = init(session, &ecb, key);
    return answer ? answer : encrypt(session, in, 16, out, &length);
}

/* OUTn (TS 35.206 4.1) for n from 1 to 5; for 1, `first` is SQN || AMF || SQN || AMF. */
static word out(word session, word ki, int at, int n, const byte temp[16], const byte first[16], byte result[16])
{
    static const int rotation[] = { 8, 0, 4, 8, 12 };
    static const byte addition[] = { 0, 1, 2, 4, 8 };
    byte in[16];
    for (int i = 0; i < 16; i++)
        in[(i + 16 - rotation[n - 1]) % 16] = (n == 1 ? first[i] : temp[i]) ^ active[at].opc[i];
    if (n == 1) for (int i = 0; i < 16; i++) in[i] ^= temp[i];
    in[15] ^= addition[n - 1];
    word answer = aes(session, ki, in, result);
    for (int i = 0; i < 16; i++) result[i] ^= active[at].opc[i];
    return answer;
}

static word milenage(word session, int at, word ki, const byte *data, word length, byte *result, word *result_length)
{
    word (*random)(word, byte *, word) = (word (*)(word, byte *, word)) behind->functions[RANDOM];
    int resync = active[at].type == MILENAGE_RESYNC;
    byte rand[16], in[16], temp[16], first[16], out1[16], out2[16], out3[16], out4[16], out5[16], sqn[6];
    word bad = 0;
    if (resync ? length != 30 : (length != 0 || data != NULL)) return 0x21;
    if (resync) memcpy(rand, data, 16); else bad |= random(session, rand, 16);
    for (int i = 0; i < 16; i++) in[i] = rand[i] ^ active[at].opc[i];
    bad |= aes(session, ki, in, temp);
    bad |= out(session, ki, at, 2, temp, NULL, out2) | out(session, ki, at, 3, temp, NULL, out3);
    bad |= out(session, ki, at, 4, temp, NULL, out4) | out(session, ki, at, 5, temp, NULL, out5);
    for (int i = 0; i < 6; i++) sqn[i] = resync ? data[16 + i] ^ out5[i] : active[at].m.sqn[i];
    memcpy(first, sqn, 6);
    memcpy(first + 6, active[at].m.amf, 2);
    memcpy(first + 8, first, 8);
    bad |= out(session, ki, at, 1, temp, first, out1);
    if (bad) return 0x05;
    if (resync) {
        if (memcmp(out1 + 8, data + 22, 8) != 0) return 0xc0;
        memcpy(result, sqn, 6);
        *result_length = 6;
        return 0;
    }
    memcpy(result, rand, 16);
    memcpy(result + 16, out2 + 8, 8);
    memcpy(result + 24, out3, 16);
    memcpy(result + 40, out4, 16);
    for (int i = 0; i < 6; i++) result[56 + i] = sqn[i] ^ out2[i];
    memcpy(result + 62, out1, 8);
    *result_length = 70;
    return 0;
}

/* RAND is the parameters, RES the first octets of TOPc, CK of 11, IK of 22, AK zero, MAC of 33. */
static word tuak(int at, const byte *data, word length, byte *result, word *result_length)
{
    struct tuak *t = &active[at].t;
    byte *end = result;
    if (active[at].type == TUAK_RESYNC) {
        if (length != 16 + 6 + t->mac) return 0x21;
        memcpy(result, data + 16, 6);
        *result_length = 6;
        return 0;
    }
    memset(end, 0, 16);
    end[0] = t->iterations; end[1] = t->res; end[2] = t->mac; end[3] = t->ck; end[4] = t->ik;
    memcpy(end + 8, t->sqn, 6); memcpy(end + 14, t->amf, 2); end += 16;
    memcpy(end, active[at].opc, t->res); end += t->res;
    memset(end, 0x11, t->ck); end += t->ck;
    memset(end, 0x22, t->ik); end += t->ik;
    memcpy(end, t->sqn, 6); end += 6;
    memset(end, 0x33, t->mac); end += t->mac;
    *result_length = end - result;
    return 0;
}

static word sign(word session, byte *data, word length, byte *result, word *result_length)
{
    word (*right)(word, byte *, word, byte *, word *) =
        (word (*)(word, byte *, word, byte *, word *)) behind->functions[SIGN];
    word (*unwrap)(word, mechanism *, word, byte *, word, attribute *, word, word *) =
        (word (*)(word, mechanism *, word, byte *, word, attribute *, word, word *)) behind->functions[UNWRAP];
    word (*destroy)(word, word) = (word (*)(word, word)) behind->functions[DESTROY];
    int at = slot_of(session);
    if (active[at].type == 0 || active[at].session != session) return right(session, data, length, result, result_length);
    byte yes = 1, no = 0;
    word class = 4, key_type = 0x1f, ki = 0, answer;
    attribute template[] = {
        { 0x000, &class, sizeof class }, { 0x100, &key_type, sizeof key_type }, { 0x001, &no, 1 }, { 0x002, &no, 1 },
        { 0x103, &yes, 1 }, { 0x210, &yes, 1 }, { 0x162, &no, 1 }, { 0x104, &yes, 1 },
        { 0x105, &no, 1 }, { 0x106, &no, 1 }, { 0x107, &no, 1 }, { 0x108, &no, 1 }, { 0x10a, &no, 1 }, { 0x10c, &no, 1 },
    };
    mechanism kwp = { 0x210a, NULL, 0 };
    if (active[at].type == TUAK || active[at].type == TUAK_RESYNC) {
        answer = tuak(at, data, length, result, result_length);
    } else {
        answer = unwrap(session, &kwp, active[at].key, active[at].ki, 24, template, sizeof template / sizeof *template, &ki);
        if (answer == 0) {
            answer = milenage(session, at, ki, data, length, result, result_length);
            destroy(session, ki);
        }
    }
    active[at].type = 0;
    return answer;
}

word C_GetFunctionList(struct function_list **out_list)
{
    word (*get)(struct function_list **) =
        (word (*)(struct function_list **)) dlsym(dlopen(MODULE, RTLD_NOW), "C_GetFunctionList");
    if (get(&behind) != 0) return 0x05;
    list = *behind;
    list.functions[SIGN_INIT] = (void *) sign_init;
    list.functions[SIGN] = (void *) sign;
    *out_list = &list;
    return 0;
}

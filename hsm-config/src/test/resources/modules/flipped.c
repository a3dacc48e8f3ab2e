/* SoftHSM with one bit of results the other way round: of C_Encrypt, or of any 32-octet value read, as FLIP says. */
#include <dlfcn.h>
#include <stddef.h>

#define GET_ATTRIBUTE_VALUE 24
#define ENCRYPT 30

struct attribute { unsigned long type; unsigned char *value; unsigned long length; };
struct function_list { unsigned char major, minor; void *functions[68]; };

static struct function_list list;
static struct function_list *behind;

static unsigned long encrypt(
    unsigned long session, void *in, unsigned long length, unsigned char *out, unsigned long *out_length)
{
    unsigned long (*right)(unsigned long, void *, unsigned long, unsigned char *, unsigned long *) =
        behind->functions[ENCRYPT];
    unsigned long answer = right(session, in, length, out, out_length);
    if (FLIP == ENCRYPT && answer == 0 && out != NULL && *out_length > 0)
        out[*out_length - 1] ^= 1;
    return answer;
}

static unsigned long get_attribute_value(
    unsigned long session, unsigned long object, struct attribute *attributes, unsigned long count)
{
    unsigned long (*right)(unsigned long, unsigned long, struct attribute *, unsigned long) =
        behind->functions[GET_ATTRIBUTE_VALUE];
    unsigned long answer = right(session, object, attributes, count);
    if (FLIP == GET_ATTRIBUTE_VALUE && answer == 0 && attributes->value != NULL && attributes->length == 32)
        attributes->value[31] ^= 1;
    return answer;
}

unsigned long C_GetFunctionList(struct function_list **out)
{
    unsigned long (*get)(struct function_list **) =
        (unsigned long (*)(struct function_list **)) dlsym(dlopen(MODULE, RTLD_NOW), "C_GetFunctionList");
    if (get(&behind) != 0)
        return 0x05;
    list = *behind;
    list.functions[ENCRYPT] = (void *) encrypt;
    list.functions[GET_ATTRIBUTE_VALUE] = (void *) get_attribute_value;
    *out = &list;
    return 0;
}

/* SoftHSM with one bit of every result of C_Encrypt the other way round. */
#include <dlfcn.h>
#include <stddef.h>

#define ENCRYPT 30

typedef unsigned long (*encrypt)(unsigned long, void *, unsigned long, unsigned char *, unsigned long *);
struct function_list { unsigned char major, minor; void *functions[68]; };

static struct function_list list;
static encrypt right;

static unsigned long flipped(
    unsigned long session, void *in, unsigned long length, unsigned char *out, unsigned long *out_length)
{
    unsigned long answer = right(session, in, length, out, out_length);
    if (answer == 0 && out != NULL && *out_length > 0)
        out[*out_length - 1] ^= 1;
    return answer;
}

unsigned long C_GetFunctionList(struct function_list **out)
{
    unsigned long (*get)(struct function_list **) =
        (unsigned long (*)(struct function_list **)) dlsym(dlopen(MODULE, RTLD_NOW), "C_GetFunctionList");
    struct function_list *behind;
    if (get(&behind) != 0)
        return 0x05;
    list = *behind;
    right = (encrypt) list.functions[ENCRYPT];
    list.functions[ENCRYPT] = (void *) flipped;
    *out = &list;
    return 0;
}

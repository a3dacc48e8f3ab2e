/* A module that offers its functions through C_GetInterface alone, as PKCS#11 3.0 has it; SoftHSM is behind it. */
#include <dlfcn.h>
#include <stdlib.h>
#include <string.h>

struct function_list { unsigned char major, minor; void *functions[68]; };
struct interface { const char *name; struct function_list *list; unsigned long flags; };

static struct function_list list;
static struct interface offered = { "PKCS 11", &list, 0 };

unsigned long C_GetInterface(const char *name, void *version, struct interface **out, unsigned long flags)
{
    unsigned long (*get)(struct function_list **) =
        (unsigned long (*)(struct function_list **)) dlsym(dlopen(MODULE, RTLD_NOW), "C_GetFunctionList");
    struct function_list *behind;
    if (name == NULL || strcmp(name, "PKCS 11") != 0 || version != NULL || flags != 0)
        return 0x07;
    if (get(&behind) != 0)
        return 0x05;
    list = *behind;
    list.major = MAJOR;
    list.minor = 0;
    *out = &offered;
    return 0;
}

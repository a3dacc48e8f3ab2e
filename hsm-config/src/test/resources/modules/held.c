/* SoftHSM whose C_GetAttributeValue does not return as long as the file HELD exists. */
#include <dlfcn.h>
#include <stddef.h>
#include <unistd.h>

typedef unsigned long word;
enum { GET_ATTRIBUTE_VALUE = 24 };

static struct function_list { unsigned char major, minor; void *functions[68]; } list, *behind;

static word get_attribute_value(word session, word object, void *attributes, word count)
{
    while (access(HELD, F_OK) == 0) usleep(2000);
    return ((word (*)(word, word, void *, word)) behind->functions[GET_ATTRIBUTE_VALUE])(session, object, attributes, count);
}

word C_GetFunctionList(struct function_list **out)
{
    word (*get)(struct function_list **) =
        (word (*)(struct function_list **)) dlsym(dlopen(MODULE, RTLD_NOW), "C_GetFunctionList");
    if (get(&behind) != 0) return 5;
    list = *behind;
    list.functions[GET_ATTRIBUTE_VALUE] = (void *) get_attribute_value;
    *out = &list;
    return 0;
}

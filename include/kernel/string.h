/* SPDX-License-Identifier: MIT */
#ifndef KERNEL_STRING_H
#define KERNEL_STRING_H
/*
 * string.h -- bytes and NUL-ended strings, with the names of the C library
 *
 * memcpy, memset, memmove and memcmp are the architecture's; the compiler may
 * call them by itself.  strscpy is the way to copy a string: it always ends
 * what it wrote, and says -E2BIG when it had to cut.
 */

#include <kernel/types.h>

void *memcpy(void *dst, const void *src, size_t n);
void *memmove(void *dst, const void *src, size_t n);
void *memset(void *dst, int c, size_t n);
int memcmp(const void *a, const void *b, size_t n);

/* The same, unchecked: for what writes the checker's own data. */
void *__memcpy(void *dst, const void *src, size_t n);
void *__memmove(void *dst, const void *src, size_t n);
void *__memset(void *dst, int c, size_t n);

#ifdef NO_KASAN
#define memcpy(d, s, n) __memcpy(d, s, n)
#define memmove(d, s, n) __memmove(d, s, n)
#define memset(d, c, n) __memset(d, c, n)
#else
/* A constant small size becomes one or two moves. */
#define memcpy(d, s, n) __builtin_memcpy(d, s, n)
#define memmove(d, s, n) __builtin_memmove(d, s, n)
#define memset(d, c, n) __builtin_memset(d, c, n)
#endif
#define memcmp(a, b, n) __builtin_memcmp(a, b, n)

void *memset16(u16 *s, u16 v, size_t count);
void *memset32(u32 *s, u32 v, size_t count);
void *memset64(u64 *s, u64 v, size_t count);
void *memchr(const void *s, int c, size_t n);
/* The first byte that is not c; NULL if all are. */
void *memchr_inv(const void *s, int c, size_t n);
void *memscan(void *s, int c, size_t n);
void memzero_explicit(void *s, size_t n);

size_t strlen(const char *s);
size_t strnlen(const char *s, size_t max);
int strcmp(const char *a, const char *b);
int strncmp(const char *a, const char *b, size_t n);
int strcasecmp(const char *a, const char *b);
int strncasecmp(const char *a, const char *b, size_t n);
char *strcpy(char *dst, const char *src);
char *stpcpy(char *dst, const char *src);
char *strncpy(char *dst, const char *src, size_t n);
char *strcat(char *dst, const char *src);
char *strncat(char *dst, const char *src, size_t n);
size_t strlcpy(char *dst, const char *src, size_t size);
size_t strlcat(char *dst, const char *src, size_t size);
/* Length copied, or -E2BIG if src did not fit (dst then holds its start). */
ssize_t strscpy(char *dst, const char *src, size_t size);
/* The same, and the rest of dst is zeroed. */
ssize_t strscpy_pad(char *dst, const char *src, size_t size);
char *strchr(const char *s, int c);
char *strrchr(const char *s, int c);
char *strnchr(const char *s, size_t n, int c);
char *strchrnul(const char *s, int c);
char *strstr(const char *s, const char *what);
char *strnstr(const char *s, const char *what, size_t n);
char *strpbrk(const char *s, const char *accept);
size_t strspn(const char *s, const char *accept);
size_t strcspn(const char *s, const char *reject);
char *strsep(char **s, const char *delimiters);
char *skip_spaces(const char *s);
/* Cut the white space off both ends; the end is cut in place. */
char *strim(char *s);
char *strreplace(char *s, char old, char new);
/* Equal, but for one newline at the end of either: for sysfs writes. */
bool sysfs_streq(const char *a, const char *b);
/* Index of s in the array, or -EINVAL. */
int match_string(const char *const *array, size_t n, const char *s);
int kstrtobool(const char *s, bool *res);

#define strstarts(s, prefix) (strncmp(s, prefix, strlen(prefix)) == 0)

/* The length of prefix if s starts with it, else 0. */
static inline size_t str_has_prefix(const char *s, const char *prefix)
{
	size_t n = strlen(prefix);

	return strncmp(s, prefix, n) == 0 ? n : 0;
}

static inline const char *kbasename(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

/* Allocated copies; NULL without memory.  The caller frees with kfree(). */
char *kstrdup(const char *s, gfp_t gfp);
char *kstrndup(const char *s, size_t max, gfp_t gfp);
void *kmemdup(const void *src, size_t len, gfp_t gfp);
/* kmemdup() of len bytes, and a NUL behind them. */
char *kmemdup_nul(const char *s, size_t len, gfp_t gfp);

#endif

/* SPDX-License-Identifier: MIT */

/* Two walls. Limits that leave no room: a process that may have no more descriptors opens neither a file nor a socket, and neither
 * of the two that it has grows a file. Every kernel knows them. And a filter of system calls, since root may raise its limits, and
 * since they keep nobody from signalling others: what neither reads, writes, asks for memory nor ends is refused. It is written
 * out here: Landlock has nothing to refuse once there is nothing to open, namespaces are not for everybody, and libseccomp would
 * be one more library for a dozen numbers. A kernel or a container without it leaves the limits.
 *
 * Refused calls fail rather than kill: what a library asks in passing, such as the time, may be refused. No clock. */

#include "import/sandbox.h"

#include <errno.h>
#include <limits.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "cardio/macro.h"

#define MIB (1024U * 1024U)

/* A number is of another call in the other modes of a processor: without its architecture a filter is none. */
#if defined(__x86_64__)
#define ARCHITECTURE AUDIT_ARCH_X86_64
#elif defined(__i386__)
#define ARCHITECTURE AUDIT_ARCH_I386
#elif defined(__aarch64__) && defined(__AARCH64EL__)
#define ARCHITECTURE AUDIT_ARCH_AARCH64
#elif defined(__arm__) && defined(__ARMEL__)
#define ARCHITECTURE AUDIT_ARCH_ARM
#elif defined(__riscv) && __riscv_xlen == 64
#define ARCHITECTURE AUDIT_ARCH_RISCV64
#elif defined(__powerpc64__) && defined(__LITTLE_ENDIAN__)
#define ARCHITECTURE AUDIT_ARCH_PPC64LE
#elif defined(__s390x__)
#define ARCHITECTURE AUDIT_ARCH_S390X
#endif

/* A sanitizer maps terabytes. */
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define SANITIZED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define SANITIZED 1
#endif
#endif

static void limit(__rlimit_resource_t resource, rlim_t soft, rlim_t hard)
{
        (void)setrlimit(resource,
                        &(struct rlimit){ soft, hard }); /* that fails only where it was lower before */
}

static void close_others(int input, int output)
{
        int low = input < output ? input : output, high = input < output ? output : input;

        if (low > 0)
                (void)close_range(0, (unsigned)low - 1, 0);
        if (high > low + 1)
                (void)close_range((unsigned)low + 1, (unsigned)high - 1, 0);
        if (close_range((unsigned)high + 1, UINT_MAX, 0) == 0)
                return;
        for (int fd = 0; fd < 1024; fd++) /* a kernel before 5.9 */
                if (fd != input && fd != output)
                        (void)close(fd);
}

#ifdef ARCHITECTURE
#define ALLOW(call)                                                       \
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (uint32_t)__NR_##call, 0, 1), \
                        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW)

static void filter_calls(void)
{
        struct sock_filter filter[] = {
                BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, arch)),
                BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, ARCHITECTURE, 1, 0),
                BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS),
                BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
                ALLOW(read),
                ALLOW(write),
                ALLOW(brk),
#ifdef __NR_mmap
                ALLOW(mmap),
#endif
#ifdef __NR_mmap2
                ALLOW(mmap2),
#endif
                ALLOW(munmap),
                ALLOW(mremap),
                ALLOW(madvise),
                ALLOW(futex),
                ALLOW(getrandom), /* libxml2 does nothing without chance */
                ALLOW(rt_sigreturn),
                ALLOW(exit),
                ALLOW(exit_group),
                BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM),
        };
        struct sock_fprog program = { .len = ELEMENTSOF(filter), .filter = filter };

        (void)prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program);
}
#else
static void filter_calls(void)
{
}
#endif

void sandbox_enter(int input, int output)
{
        close_others(input, output);
        (void)prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
        (void)prctl(PR_SET_DUMPABLE, 0, 0, 0, 0); /* heart rates are in its memory */
        limit(RLIMIT_NOFILE, 0, 0);
        limit(RLIMIT_NPROC, 0, 0);
        limit(RLIMIT_FSIZE, 0, 0);
        limit(RLIMIT_CORE, 0, 0);
        limit(RLIMIT_CPU, SANDBOX_SECONDS, SANDBOX_SECONDS + 1);
#ifndef SANITIZED
        limit(RLIMIT_AS, (rlim_t)SANDBOX_MEMORY_MAX * MIB, (rlim_t)SANDBOX_MEMORY_MAX * MIB);
#endif
        filter_calls();
}

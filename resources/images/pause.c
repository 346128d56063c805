/*
 * The process that holds a pod's namespaces open. It does nothing but end when asked to, and take away processes whose
 * parents have ended, as it is process 1 where containers of a pod share their process ids.
 *
 * x86-64 only, without a C library, so that the program is one kilobyte:
 *   gcc -Os -nostdlib -static -fno-stack-protector -fno-asynchronous-unwind-tables -fcf-protection=none \
 *     -Wl,--build-id=none,-n,-z,noseparate-code -s -o pause-amd64 pause.c
 */
enum { SYS_RT_SIGPROCMASK = 14, SYS_EXIT = 60, SYS_WAIT4 = 61, SYS_RT_SIGTIMEDWAIT = 128 };
enum { SIGINT = 2, SIGTERM = 15, SIGCHLD = 17 };
enum { SIG_BLOCK = 0, WNOHANG = 1, KERNEL_SIGSET_BYTES = 8 };

static long syscall4(long number, long first, long second, long third, long fourth) {
  long result;
  register long fourth_register __asm__("r10") = fourth;
  __asm__ volatile("syscall"
                   : "=a"(result)
                   : "a"(number), "D"(first), "S"(second), "d"(third), "r"(fourth_register)
                   : "rcx", "r11", "memory");
  return result;
}

static unsigned long bit(int signal) { return 1UL << (signal - 1); }

void _start(void) {
  /* Blocked signals wait to be asked for, so none is lost and process 1 needs no handler. */
  unsigned long awaited = bit(SIGINT) | bit(SIGTERM) | bit(SIGCHLD);
  syscall4(SYS_RT_SIGPROCMASK, SIG_BLOCK, (long)&awaited, 0, KERNEL_SIGSET_BYTES);
  for (;;) {
    long signal = syscall4(SYS_RT_SIGTIMEDWAIT, (long)&awaited, 0, 0, KERNEL_SIGSET_BYTES);
    if (signal == SIGINT || signal == SIGTERM) syscall4(SYS_EXIT, 0, 0, 0, 0);
    while (syscall4(SYS_WAIT4, -1, 0, WNOHANG, 0) > 0) {
    }
  }
}

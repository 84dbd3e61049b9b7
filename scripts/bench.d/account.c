/* Runs git-http-backend and writes down what it and its children cost.
 *
 * fcgiwrap lets its children go without waiting for them, so their CPU time is added to nobody's. ACCOUNT_PROGRAM is what
 * is run, ACCOUNT_FILE gets a line of microseconds for each run.
 */
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

int main(void) {
    const char *program = getenv("ACCOUNT_PROGRAM");
    const char *file = getenv("ACCOUNT_FILE");
    if (!program || !file) return 2;
    signal(SIGCHLD, SIG_DFL);
    pid_t child = fork();
    if (child < 0) return 2;
    if (child == 0) {
        execl(program, program, (char *)0);
        _exit(127);
    }
    int status;
    struct rusage usage;
    if (wait4(child, &status, 0, &usage) < 0) return 2;
    long cost = (usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) * 1000000L + usage.ru_utime.tv_usec +
                usage.ru_stime.tv_usec;
    char line[32];
    int length = snprintf(line, sizeof line, "%ld\n", cost);
    int descriptor = open(file, O_WRONLY | O_APPEND | O_CREAT, 0600);
    if (descriptor < 0 || write(descriptor, line, length) != length) return 2;
    return WIFEXITED(status) ? WEXITSTATUS(status) : 2;
}

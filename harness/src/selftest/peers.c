/* SPDX-License-Identifier: MIT */
/* What processes on both sides of a namespace see of each other, and may do. */
#include <linux/keyctl.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/ipc.h>
#include <sys/prctl.h>
#include <sys/shm.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "selftest/groups.h"
#include "selftest/kit.h"

#define USERNS "user_namespaces(7)"

#define MAP "0 1000 1000"

/* What processes of a case share. */
struct shared {
	int pair[2];
	pid_t pid;
	int id;
};

/* A pair of sockets that hand on who writes. */
static struct shared *share_sockets(struct st *t)
{
	struct shared *shared = st_shared_memory(t);
	const int on = 1;

	st_want(t, 0, socketpair(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0, shared->pair));
	for (int i = 0; i < 2; i++)
		st_want(t, 0,
			setsockopt(shared->pair[i], SOL_SOCKET, SO_PASSCRED, &on, sizeof(on)));
	return shared;
}

/* ---- credentials over a socket ---- */

/* One byte with credentials; -1 and errno of sendmsg(2). */
static int send_credentials(int fd, pid_t pid, uid_t uid, gid_t gid)
{
	const struct ucred credentials = { .pid = pid, .uid = uid, .gid = gid };
	union {
		struct cmsghdr header;
		char bytes[CMSG_SPACE(sizeof(struct ucred))];
	} control = { .bytes = { 0 } };
	char byte = 'x';
	struct iovec vector = { .iov_base = &byte, .iov_len = 1 };
	struct msghdr message = { .msg_iov = &vector,
				  .msg_iovlen = 1,
				  .msg_control = control.bytes,
				  .msg_controllen = sizeof(control.bytes) };

	control.header.cmsg_level = SOL_SOCKET;
	control.header.cmsg_type = SCM_CREDENTIALS;
	control.header.cmsg_len = CMSG_LEN(sizeof(credentials));
	memcpy(CMSG_DATA(&control.header), &credentials, sizeof(credentials));
	return sendmsg(fd, &message, 0) < 0 ? -1 : 0;
}

static struct ucred receive_credentials(struct st *t, int fd)
{
	union {
		struct cmsghdr header;
		char bytes[CMSG_SPACE(sizeof(struct ucred))];
	} control = { .bytes = { 0 } };
	char byte;
	struct iovec vector = { .iov_base = &byte, .iov_len = 1 };
	struct msghdr message = { .msg_iov = &vector,
				  .msg_iovlen = 1,
				  .msg_control = control.bytes,
				  .msg_controllen = sizeof(control.bytes) };
	struct ucred credentials = { 0 };

	st_want(t, 0, recvmsg(fd, &message, 0));
	if (control.header.cmsg_type != SCM_CREDENTIALS)
		st_fail(t, "no credentials came with the message");
	memcpy(&credentials, CMSG_DATA(&control.header), sizeof(credentials));
	return credentials;
}

static void send_as_five(struct st *t)
{
	const struct shared *shared = t->shared;

	st_become(t, 5, 6);
	st_want(t, 0, send_credentials(shared->pair[1], getpid(), 5, 6));
}

static void credentials(struct st *t)
{
	struct shared *shared = share_sockets(t);
	struct ucred got;

	st_inside(t, MAP, send_as_five);
	got = receive_credentials(t, shared->pair[0]);
	st_equal(t, 1005, got.uid);
	st_equal(t, 1006, got.gid);
}

static void receive_from_outside(struct st *t)
{
	const struct shared *shared = t->shared;
	struct ucred got = receive_credentials(t, shared->pair[0]);

	st_equal(t, st_overflow_uid(t), got.uid);
	st_equal(t, st_overflow_gid(t), got.gid);
}

static void credentials_inwards(struct st *t)
{
	struct shared *shared = share_sockets(t);

	st_want(t, 0, send_credentials(shared->pair[1], getpid(), 0, 0));
	st_inside(t, MAP, receive_from_outside);
}

static void send_wrong_ids(struct st *t)
{
	const struct shared *shared = t->shared;

	st_want(t, EINVAL, send_credentials(shared->pair[1], getpid(), 1000, 0));
	st_want(t, EINVAL, send_credentials(shared->pair[1], getpid(), 0, 1000));
	/* Root of the namespace may speak for others in it. */
	st_want(t, 0, send_credentials(shared->pair[1], getpid(), 9, 9));
	st_become(t, 5, 5);
	st_want(t, EPERM, send_credentials(shared->pair[1], getpid(), 9, 5));
	st_want(t, EPERM, send_credentials(shared->pair[1], getpid(), 5, 9));
	st_want(t, EPERM, send_credentials(shared->pair[1], getppid(), 5, 5));
	st_want(t, EINVAL, send_credentials(shared->pair[1], getpid(), 1000, 5));
}

static void credentials_wrong(struct st *t)
{
	(void) share_sockets(t);
	st_inside(t, MAP, send_wrong_ids);
}

static uid_t peer_of(struct st *t, int fd)
{
	struct ucred peer = { 0 };
	socklen_t size = sizeof(peer);

	st_want(t, 0, getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &size));
	return peer.uid;
}

static void see_peer(struct st *t)
{
	const struct shared *shared = t->shared;

	st_equal(t, shared->id, peer_of(t, shared->pair[0]));
}

static void peer(struct st *t)
{
	struct shared *shared = st_shared_memory(t);

	/* Of a pair it is the one who made it. */
	st_want(t, 0, setresuid(-1U, 1005, -1U));
	st_want(t, 0, socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, shared->pair));
	st_want(t, 0, setresuid(-1U, 0, -1U));
	st_want(t, 0, prctl(PR_SET_DUMPABLE, 1));
	st_equal(t, 1005, peer_of(t, shared->pair[0]));
	shared->id = 5;
	st_inside(t, MAP, see_peer);
	shared->id = (int) st_overflow_uid(t);
	st_inside(t, "0 3000 10", see_peer);
}

/* ---- /proc ---- */

static void be_five_and_wait(struct st *t)
{
	st_become(t, 5, 5);
	st_wait(t);
}

static void see_owner(struct st *t)
{
	const struct shared *shared = t->shared;
	struct stat st;
	char path[40];

	(void) snprintf(path, sizeof(path), "/proc/%d", (int) shared->pid);
	st_want(t, 0, stat(path, &st));
	st_equal(t, shared->id, st.st_uid);
	st_equal(t, shared->id, st_field(t, shared->pid, "Uid", 10));
}

static void proc_owner(struct st *t)
{
	struct shared *shared = st_shared_memory(t);
	struct st_child child;

	st_inside_start(t, MAP, be_five_and_wait, &child);
	st_child_step(t, &child);
	shared->pid = child.pid;
	shared->id = 1005;
	see_owner(t);
	shared->id = (int) st_overflow_uid(t);
	st_inside(t, "0 3000 10", see_owner);
	st_child_end(t, &child);
}

/* ---- System V IPC and keys ---- */

static void make_segment(struct st *t)
{
	struct shared *shared = t->shared;

	st_become(t, 5, 6);
	shared->id = (int) st_want(t, 0, shmget(IPC_PRIVATE, 4096, IPC_CREAT | 0600));
}

static void ipc_owner(struct st *t)
{
	struct shared *shared = st_shared_memory(t);
	struct shmid_ds segment = { 0 };

	st_unshare(t, CLONE_NEWIPC);
	st_inside(t, MAP, make_segment);
	st_want(t, 0, shmctl(shared->id, IPC_STAT, &segment));
	st_equal(t, 1005, segment.shm_perm.uid);
	st_equal(t, 1006, segment.shm_perm.cgid);
}

static void ipc_set(struct st *t)
{
	struct shmid_ds segment = { 0 };
	int id;

	st_unshare(t, CLONE_NEWIPC);
	id = (int) st_want(t, 0, shmget(IPC_PRIVATE, 4096, IPC_CREAT | 0600));
	st_want(t, 0, shmctl(id, IPC_STAT, &segment));
	segment.shm_perm.uid = 65536;
	st_want(t, EINVAL, shmctl(id, IPC_SET, &segment));
	segment.shm_perm.uid = 65535;
	segment.shm_perm.gid = 65536;
	st_want(t, EINVAL, shmctl(id, IPC_SET, &segment));
	segment.shm_perm.gid = 65535;
	st_want(t, 0, shmctl(id, IPC_SET, &segment));
}

static void see_keyring(struct st *t)
{
	struct shared *shared = t->shared;

	shared->id = (int) st_want(
		t, 0, syscall(SYS_keyctl, KEYCTL_GET_KEYRING_ID, KEY_SPEC_USER_KEYRING, 1));
}

static void keyring(struct st *t)
{
	struct shared *shared = st_shared_memory(t);
	int first;

	if (syscall(SYS_keyctl, KEYCTL_GET_KEYRING_ID, KEY_SPEC_THREAD_KEYRING, 1) < 0)
		st_skip(t, "this kernel has no keys: %s", unr_errno_name(errno));
	st_inside(t, MAP, see_keyring);
	first = shared->id;
	/* The same id for the kernel. */
	st_inside(t, MAP, see_keyring);
	if (first == shared->id)
		st_fail(t, "two namespaces have the same keyring %d", first);
}

#define ROOT(case_name, sentence, where, function)                                                 \
	{                                                                                          \
		case_name, sentence, where, .stage = ST_STAGE_ROOT, .run = function                \
	}

static const struct st_case CASES[] = {
	ROOT("credentials", "SCM_CREDENTIALS come with the receiver's ids.", USERNS, credentials),
	ROOT("credentials-inwards", "A sender without a place here has the overflow ids.", USERNS,
	     credentials_inwards),
	ROOT("credentials-wrong",
	     "Ids without a place cannot be sent, nor others' without privilege.", "unix(7)",
	     credentials_wrong),
	ROOT("peer", "SO_PEERCRED has the ids of the reader's namespace.", "unix(7)", peer),
	ROOT("proc-owner", "Files of /proc/PID show the ids of the reader's namespace.", USERNS,
	     proc_owner),
	ROOT("ipc-owner", "Shared memory that is made inside belongs to the outside ids.",
	     "shmget(2)", ipc_owner),
	{ "ipc-set", "Shared memory goes to no id without a place.", "shmctl(2)",
	  .stage = ST_STAGE_INSIDE, .run = ipc_set },
	{ "keyring", "Every namespace has its own user keyrings.", "commit 0f44e4d976f9",
	  .since = ST_LINUX(5, 3), .stage = ST_STAGE_ROOT, .run = keyring },
};

const struct st_group st_group_peers =
	ST_GROUP("peers", "what processes on both sides see and may do", CASES);

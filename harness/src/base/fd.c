/* SPDX-License-Identifier: MIT */
/* Whole reads and writes, descriptor passing: see fd.h. */
#include "base/fd.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* Reads at @offset, or where the file stands when it is negative. */
static ssize_t read_loop(int fd, char *buffer, size_t size, off_t offset)
{
	size_t done = 0;

	while (done < size) {
		ssize_t n = offset < 0 ?
				    read(fd, buffer + done, size - done) :
				    pread(fd, buffer + done, size - done, offset + (off_t) done);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		if (n == 0)
			break;
		done += (size_t) n;
	}
	return (ssize_t) done;
}

ssize_t unr_read_full(int fd, void *buffer, size_t size)
{
	return read_loop(fd, buffer, size, -1);
}

ssize_t unr_pread_full(int fd, void *buffer, size_t size, uint64_t offset)
{
	if (size > INT64_MAX || offset > (uint64_t) INT64_MAX - size)
		return -EOVERFLOW;
	return read_loop(fd, buffer, size, (off_t) offset);
}

int unr_write_full(int fd, const void *buffer, size_t size)
{
	size_t done = 0;

	while (done < size) {
		ssize_t n = write(fd, (const char *) buffer + done, size - done);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		done += (size_t) n;
	}
	return 0;
}

/* Room for one descriptor, aligned as CMSG_* want it. */
union fd_control {
	struct cmsghdr header;
	char room[CMSG_SPACE(sizeof(int))];
};

int unr_send_fd(int socket_fd, uint8_t byte, int fd)
{
	union fd_control control;
	struct iovec iov = { .iov_base = &byte, .iov_len = 1 };
	struct msghdr message = { .msg_iov = &iov, .msg_iovlen = 1 };
	ssize_t n;

	if (fd >= 0) {
		struct cmsghdr *header;

		memset(&control, 0, sizeof(control));
		message.msg_control = &control;
		message.msg_controllen = sizeof(control);
		header = CMSG_FIRSTHDR(&message);
		header->cmsg_level = SOL_SOCKET;
		header->cmsg_type = SCM_RIGHTS;
		header->cmsg_len = CMSG_LEN(sizeof(int));
		memcpy(CMSG_DATA(header), &fd, sizeof(fd));
	}
	do {
		n = sendmsg(socket_fd, &message, MSG_NOSIGNAL);
	} while (n < 0 && errno == EINTR);
	return n < 0 ? -errno : 0;
}

int unr_recv_fd(int socket_fd, uint8_t *ret_byte, int *ret_fd)
{
	union fd_control control;
	uint8_t byte = 0;
	struct iovec iov = { .iov_base = &byte, .iov_len = 1 };
	struct msghdr message = { .msg_iov = &iov,
				  .msg_iovlen = 1,
				  .msg_control = &control,
				  .msg_controllen = sizeof(control) };
	struct cmsghdr *header;
	int fd = -EBADF;
	ssize_t n;

	do {
		n = recvmsg(socket_fd, &message, MSG_CMSG_CLOEXEC);
	} while (n < 0 && errno == EINTR);
	if (n < 0)
		return -errno;
	if (n == 0)
		return -EPIPE;
	/* There was one, and no number was free for it: unix(7). */
	if ((message.msg_flags & MSG_CTRUNC) != 0)
		return -EMFILE;
	header = CMSG_FIRSTHDR(&message);
	if (header != NULL && header->cmsg_level == SOL_SOCKET && header->cmsg_type == SCM_RIGHTS &&
	    header->cmsg_len == CMSG_LEN(sizeof(int)))
		memcpy(&fd, CMSG_DATA(header), sizeof(fd));
	*ret_byte = byte;
	*ret_fd = fd;
	return 0;
}

/* SPDX-License-Identifier: MIT */
/*
 * Whole reads and writes on descriptors, and descriptors sent over a socket.
 * EINTR and short transfers end here.
 */
#ifndef UNR_BASE_FD_H
#define UNR_BASE_FD_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "usernsrepro/attr.h"

/**
 * unr_read_full() - read until @size bytes or the end
 *
 * Return: bytes read (less than @size only at the end), or -errno.
 */
UNR_MUST_CHECK ssize_t unr_read_full(int fd, void *buffer, size_t size);

/** unr_pread_full() - unr_read_full() at an offset, leaving the file position alone. */
UNR_MUST_CHECK ssize_t unr_pread_full(int fd, void *buffer, size_t size, uint64_t offset);

/** unr_write_full() - write all @size bytes; 0 or -errno. */
UNR_MUST_CHECK int unr_write_full(int fd, const void *buffer, size_t size);

/**
 * unr_send_fd() - send one byte and, when @fd >= 0, a descriptor over a unix socket
 * @byte: what the other side gets beside it
 *
 * Return: 0 or -errno.
 */
UNR_MUST_CHECK int unr_send_fd(int socket_fd, uint8_t byte, int fd);

/**
 * unr_recv_fd() - the other side of unr_send_fd()
 * @ret_byte: the byte that came
 * @ret_fd:   the descriptor, owned by the caller and close-on-exec, or -EBADF when none came
 *
 * Return: 0, -EPIPE when the other side is gone, -EMFILE where no descriptor was free, or -errno.
 */
UNR_MUST_CHECK int unr_recv_fd(int socket_fd, uint8_t *ret_byte, int *ret_fd);

#endif

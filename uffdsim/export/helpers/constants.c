/* Headers, and constants that older ones lack. */

//: MFD_HUGE_2MB MFD_HUGE_1GB
#include <linux/memfd.h>

//: MAP_HUGE_2MB MADV_POPULATE_READ MADV_POPULATE_WRITE
#include <linux/mman.h>

//: UFFD_FEATURE_EXACT_ADDRESS
#ifndef UFFD_FEATURE_EXACT_ADDRESS
#define UFFD_FEATURE_EXACT_ADDRESS (1 << 11)
#endif

//: UFFD_FEATURE_WP_HUGETLBFS_SHMEM
#ifndef UFFD_FEATURE_WP_HUGETLBFS_SHMEM
#define UFFD_FEATURE_WP_HUGETLBFS_SHMEM (1 << 12)
#endif

//: UFFD_FEATURE_WP_UNPOPULATED
#ifndef UFFD_FEATURE_WP_UNPOPULATED
#define UFFD_FEATURE_WP_UNPOPULATED (1 << 13)
#endif

//: UFFD_FEATURE_POISON
#ifndef UFFD_FEATURE_POISON
#define UFFD_FEATURE_POISON (1 << 14)
#endif

//: UFFD_FEATURE_WP_ASYNC
#ifndef UFFD_FEATURE_WP_ASYNC
#define UFFD_FEATURE_WP_ASYNC (1 << 15)
#endif

//: UFFD_FEATURE_MOVE
#ifndef UFFD_FEATURE_MOVE
#define UFFD_FEATURE_MOVE (1 << 16)
#endif

//: UFFD_FEATURE_RWP
#ifndef UFFD_FEATURE_RWP
#define UFFD_FEATURE_RWP (1 << 17)
#endif

//: UFFD_FEATURE_RWP_ASYNC
#ifndef UFFD_FEATURE_RWP_ASYNC
#define UFFD_FEATURE_RWP_ASYNC (1 << 18)
#endif

//: UFFDIO_REGISTER_MODE_RWP
#ifndef UFFDIO_REGISTER_MODE_RWP
#define UFFDIO_REGISTER_MODE_RWP 8
#endif

//: UFFDIO_RWPROTECT UFFDIO_RWPROTECT_MODE_RWP UFFDIO_RWPROTECT_MODE_DONTWAKE
#ifndef UFFDIO_RWPROTECT
#define UFFDIO_RWPROTECT _IOWR(UFFDIO, 0x09, __u64[3]) /* struct uffdio_rwprotect */
#define UFFDIO_RWPROTECT_MODE_RWP 1
#define UFFDIO_RWPROTECT_MODE_DONTWAKE 2
#endif

//: UFFDIO_CONTINUE_MODE_WP
#ifndef UFFDIO_CONTINUE_MODE_WP
#define UFFDIO_CONTINUE_MODE_WP 2
#endif

//: UFFDIO_POISON UFFDIO_POISON_MODE_DONTWAKE
#ifndef UFFDIO_POISON
#define UFFDIO_POISON _IOWR(UFFDIO, 0x08, __u64[4]) /* struct uffdio_poison */
#define UFFDIO_POISON_MODE_DONTWAKE 1
#endif

//: UFFDIO_MOVE UFFDIO_MOVE_MODE_DONTWAKE UFFDIO_MOVE_MODE_ALLOW_SRC_HOLES
#ifndef UFFDIO_MOVE
struct uffdio_move {
	__u64 dst, src, len, mode;
	__s64 move;
};
#define UFFDIO_MOVE _IOWR(UFFDIO, 0x05, struct uffdio_move)
#define UFFDIO_MOVE_MODE_DONTWAKE 1
#define UFFDIO_MOVE_MODE_ALLOW_SRC_HOLES 2
#endif

//: USERFAULTFD_IOC_NEW
#include <linux/userfaultfd.h>
#include <sys/ioctl.h>

#ifndef USERFAULTFD_IOC_NEW
#define USERFAULTFD_IOC_NEW _IO(0xAA, 0x00)
#endif

//: pm_scan_arg
#include <sys/ioctl.h>

/* <linux/fs.h> has these since Linux 6.7. */
struct page_region {
	uint64_t start, end, categories;
};
struct pm_scan_arg {
	uint64_t size, flags, start, end, walk_end, vec, vec_len, max_pages;
	uint64_t category_inverted, category_mask, category_anyof_mask, return_mask;
};
#define PAGEMAP_SCAN _IOWR('f', 16, struct pm_scan_arg)

//: PAGE_IS_WPALLOWED
#define PAGE_IS_WPALLOWED (1 << 0)

//: PAGE_IS_WRITTEN
#define PAGE_IS_WRITTEN (1 << 1)

//: PAGE_IS_FILE
#define PAGE_IS_FILE (1 << 2)

//: PAGE_IS_PRESENT
#define PAGE_IS_PRESENT (1 << 3)

//: PAGE_IS_SWAPPED
#define PAGE_IS_SWAPPED (1 << 4)

//: PAGE_IS_PFNZERO
#define PAGE_IS_PFNZERO (1 << 5)

//: PAGE_IS_HUGE
#define PAGE_IS_HUGE (1 << 6)

//: PAGE_IS_SOFT_DIRTY
#define PAGE_IS_SOFT_DIRTY (1 << 7)

//: PAGE_IS_GUARD
#define PAGE_IS_GUARD (1 << 8)

//: PAGE_IS_ACCESSED
#define PAGE_IS_ACCESSED (1 << 9)

//: PM_SCAN_WP_MATCHING
#define PM_SCAN_WP_MATCHING 1

//: PM_SCAN_CHECK_WPASYNC
#define PM_SCAN_CHECK_WPASYNC 2

//: mmap munmap mremap mprotect mlock munlock madvise memfd_create PROT_READ
#include <sys/mman.h>

//: syscall
#include <sys/syscall.h>

//: syscall ftruncate close pwrite
#include <unistd.h>

//: O_CLOEXEC fallocate
#include <fcntl.h>

//: prctl
#include <sys/prctl.h>

//: setlinebuf
#include <stdio.h>

//: UFFD_API uffd_msg
#include <linux/userfaultfd.h>

//: uint8_t uint64_t uintptr_t
#include <stdint.h>

//: PAGE_4K
#define PAGE_4K 4096L

//: PAGE_2M
#define PAGE_2M (2L << 20)

//: PAGE_1G
#define PAGE_1G (1L << 30)

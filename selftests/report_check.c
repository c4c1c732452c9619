// SPDX-License-Identifier: GPL-2.0
/*
 * report_check REPORT...: read these reports where they stand, check their
 * form, and print "REPORT STATE REASON" for each. Fails if one cannot be read
 * or is not in the common form.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "report.h"

int main(int argc, char **argv)
{
	int status = EXIT_SUCCESS;
	int i;

	for (i = 1; i < argc; i++) {
		struct report *report = report_read(argv[i]);

		if (!report) {
			printf("%s unreadable %s\n", argv[i], strerror(errno));
			status = EXIT_FAILURE;
		} else if (report->fault) {
			printf("%s malformed %s\n", argv[i], report->fault);
			status = EXIT_FAILURE;
		} else {
			printf("%s %s %s\n", argv[i], report->state,
			       report->reason);
		}
		report_free(report);
	}
	return status;
}

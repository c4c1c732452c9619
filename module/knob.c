// SPDX-License-Identifier: GPL-2.0
/*
 * knob.c - knows how a module parameter refuses what is out of its range.
 */
#include "knob.h"

#include <linux/kernel.h>
#include <linux/module.h>

static int set(const char *text, const struct kernel_param *param)
{
	const struct mt_knob *knob = param->arg;
	unsigned int value;
	int err;

	if (!text)
		return -EINVAL;
	err = kstrtouint(text, 0, &value);
	if (err)
		return -EINVAL;
	if (value < knob->min || value > knob->max)
		return -EINVAL;
	WRITE_ONCE(*knob->value, value);
	return 0;
}

static int get(char *text, const struct kernel_param *param)
{
	const struct mt_knob *knob = param->arg;

	return scnprintf(text, PAGE_SIZE, "%u\n", READ_ONCE(*knob->value));
}

const struct kernel_param_ops mt_knob_ops = {
	.set = set,
	.get = get,
};

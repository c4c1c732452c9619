/* SPDX-License-Identifier: GPL-2.0 */
#ifndef MT_KNOB_H
#define MT_KNOB_H

#include <linux/moduleparam.h>

/**
 * struct mt_knob - a module parameter with a range
 * @value: the parameter
 * @min: smallest value that makes sense
 * @max: largest value that makes sense
 */
struct mt_knob {
	unsigned int *value;
	unsigned int min;
	unsigned int max;
};

extern const struct kernel_param_ops mt_knob_ops;

/**
 * MT_KNOB() - declare a module parameter that refuses a value out of range with -EINVAL
 * @_name: the parameter's name
 * @_variable: an unsigned int, read with READ_ONCE() at every open
 * @_min: smallest value
 * @_max: largest value
 * @_words: what modinfo says of it
 */
#define MT_KNOB(_name, _variable, _min, _max, _words) \
	static const struct mt_knob _name##_knob = { \
		.value = &(_variable), \
		.min = (_min), \
		.max = (_max), \
	}; \
	module_param_cb(_name, &mt_knob_ops, (void *)&_name##_knob, 0644); \
	MODULE_PARM_DESC(_name, _words " (" #_min " to " #_max ")")

#endif /* MT_KNOB_H */

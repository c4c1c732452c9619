// SPDX-License-Identifier: GPL-2.0
/*
 * ktext.c - knows what the machine code around a call says: who is called, on what variable.
 *
 * A few patterns of x86-64, and nothing else: what does not have exactly that form says nothing.
 * The code is read at the time of the call, when it is there: it may be init text, freed soon.
 */
#include "introspect/ktext.h"

#include <linux/kernel.h>
#include <linux/string.h>

#include "introspect/kread.h"

/* An instruction that names a variable relative to itself: REX.W, opcode, ModRM, 32 bits. */
#define OPCODE_BYTES	3
#define MOVE_BYTES	(OPCODE_BYTES + 4)

/* A call to a function anywhere in the kernel: e8, 32 bits. */
#define CALL_OPCODE	0xe8
#define CALL_BYTES	5

/* A call may go to behind the ENDBR instruction that a function begins with. */
#define ENTRY_BYTES	16

/* Calls of a function whose address is in a register, and at an address near the instruction. */
#define INDIRECT_OPCODE	0xff
#define INDIRECT_MASK	0xf8
#define BY_REGISTER	0xd0
#define BY_REGISTER_BYTES	2
#define BY_MEMORY	0x15
#define BY_MEMORY_BYTES	6

/**
 * mt_ktext_may_return_to() - can a function have been called right before an address?
 * @address: an address in code that is there
 *
 * Where a module was unloaded and another one loaded in its place, what was a return address in the
 * first is one in the second by chance only.
 *
 * Context: any.
 * Return: false if there is certainly no call; true also if nobody knows.
 */
bool mt_ktext_may_return_to(unsigned long address)
{
	u8 code[BY_MEMORY_BYTES];
	const u8 *end = code + sizeof(code);

	if (!IS_ENABLED(CONFIG_X86_64) || !mt_kread(code, address - sizeof(code), sizeof(code)))
		return true;
	return end[-CALL_BYTES] == CALL_OPCODE ||
	       (end[-BY_REGISTER_BYTES] == INDIRECT_OPCODE &&
		(end[1 - BY_REGISTER_BYTES] & INDIRECT_MASK) == BY_REGISTER) ||
	       (end[-BY_MEMORY_BYTES] == INDIRECT_OPCODE && end[1 - BY_MEMORY_BYTES] == BY_MEMORY);
}

/**
 * mt_ktext_calls() - is it really this function that is called before a return address?
 * @return_address: where a function returns to
 * @function: the function's address
 *
 * It is not if the function was jumped to by another one that was called there, as compilers do it
 * where nothing is left to do after a call: who called that one is not on the stack.
 *
 * Context: any.
 * Return: true if it is, by a direct call; false also if nobody knows.
 */
bool mt_ktext_calls(unsigned long return_address, unsigned long function)
{
	u8 code[CALL_BYTES];
	s32 distance;

	if (!IS_ENABLED(CONFIG_X86_64) ||
	    !mt_kread(code, return_address - sizeof(code), sizeof(code)) || code[0] != CALL_OPCODE)
		return false;
	memcpy(&distance, code + 1, sizeof(distance));
	return return_address + distance - function < ENTRY_BYTES;
}

static unsigned long variable(const u8 *code, unsigned long behind, const u8 *opcode)
{
	s32 distance;

	if (memcmp(code, opcode, OPCODE_BYTES))
		return 0;
	memcpy(&distance, code + OPCODE_BYTES, sizeof(distance));
	return behind + distance;
}

/**
 * mt_ktext_result() - the variable that a function's result goes to, at once and whole
 * @return_address: where the function returns to
 *
 * Context: any.
 * Return: the variable's address; 0 if the next instruction does not store the result in one.
 */
unsigned long mt_ktext_result(unsigned long return_address)
{
	static const u8 store[OPCODE_BYTES] = { 0x48, 0x89, 0x05 };	/* mov %rax, x(%rip) */
	u8 code[MOVE_BYTES];

	if (!IS_ENABLED(CONFIG_X86_64) || !mt_kread(code, return_address, sizeof(code)))
		return 0;
	return variable(code, return_address + MOVE_BYTES, store);
}

/**
 * mt_ktext_argument() - the variable whose value a function is called with
 * @return_address: where the function returns to
 *
 * Context: any.
 * Return: the variable's address; 0 if the last instruction before the call does not load the first
 * argument from one.
 */
unsigned long mt_ktext_argument(unsigned long return_address)
{
	static const u8 load[OPCODE_BYTES] = { 0x48, 0x8b, 0x3d };	/* mov x(%rip), %rdi */
	u8 code[MOVE_BYTES + CALL_BYTES];
	unsigned long start = return_address - sizeof(code);

	if (!IS_ENABLED(CONFIG_X86_64) || !mt_kread(code, start, sizeof(code)) ||
	    code[MOVE_BYTES] != CALL_OPCODE)
		return 0;
	return variable(code, start + MOVE_BYTES, load);
}

# SPDX-License-Identifier: GPL-2.0
# bash completion for memtriage

_memtriage()
{
	local cur prev words cword commands='summary who top watch record diff prom html'
	local options='--from --root --json --once --color --help --version'
	local reports='ledger slab owners content vmalloc pages ghost balloon sockets tmpfs tasks cgroups modules'
	local command='' i

	_init_completion || return
	for ((i = 1; i < cword; i++)); do
		case ${words[i]} in
		--from | --root | --color) ((i++)) ;;
		-*) ;;
		*) command=${words[i]}; break ;;
		esac
	done
	case $prev in
	--from) _filedir; return ;;
	--root) _filedir -d; return ;;
	--color) mapfile -t COMPREPLY < <(compgen -W 'always never auto' -- "$cur"); return ;;
	esac
	case $command in
	'')
		if [[ $cur == -* ]]; then
			mapfile -t COMPREPLY < <(compgen -W "$options" -- "$cur")
		else
			mapfile -t COMPREPLY < <(compgen -W "$commands" -- "$cur")
		fi ;;
	top) mapfile -t COMPREPLY < <(compgen -W "$reports" -- "$cur") ;;
	record | diff) _filedir ;;
	esac
}
complete -F _memtriage memtriage

# SPDX-License-Identifier: MIT
"""kernel.py -- how to walk the kernel's structures from GDB."""
import gdb

PAGE = 4096
PAGE_OFFSET = 0xFFFF888000000000    # the direct map of all memory
KERNEL_BASE = 0xFFFFFFFF80000000
THREAD_SIZE = 16384


def symbol(name):
    value = gdb.lookup_global_symbol(name) or gdb.lookup_static_symbol(name)
    if value is None:
        raise gdb.GdbError(f"the kernel has no {name} (is it loaded?)")
    return value.value()


def pointer_to(type_name):
    return gdb.lookup_type(type_name).pointer()


def find_member(kind, member):
    """Byte offset of a member, also one inside anonymous unions; or None."""
    for field in kind.fields():
        if field.name == member:
            return field.bitpos // 8
        if not field.name:
            inner = find_member(field.type.strip_typedefs(), member)
            if inner is not None:
                return field.bitpos // 8 + inner
    return None


def offset_of(type_name, member):
    offset = find_member(gdb.lookup_type(type_name), member)
    if offset is None:
        raise gdb.GdbError(f"{type_name} has no {member}")
    return offset


def container(node, type_name, member):
    """The structure around a list node's address."""
    address = int(node) - offset_of(type_name, member)
    return gdb.Value(address).cast(pointer_to(type_name))


def list_entries(head, type_name, member):
    """Walk a struct list_head; a broken list ends the walk, not GDB."""
    start, node, seen = int(head.address), head["next"], set()
    while int(node) not in (start, 0) and int(node) not in seen:
        seen.add(int(node))
        yield container(node, type_name, member)
        node = node["next"]


def text(array):
    """A char array in a structure as a Python string."""
    return array.string("utf-8", "replace")


def cpus():
    """Numbers of the CPUs that have a per-CPU area."""
    offsets = symbol("__per_cpu_offset")
    last = offsets.type.range()[1]
    found = [n for n in range(last + 1) if int(offsets[n])]
    return found or [0]


def per_cpu(name, cpu):
    """The copy of a per-CPU variable that belongs to one CPU."""
    original = symbol(name)
    offset = int(symbol("__per_cpu_offset")[cpu])
    address = int(original.address) + offset & (1 << 64) - 1
    return gdb.Value(address).cast(original.type.pointer()).dereference()


def this_cpu():
    """The CPU that GDB looks at; QEMU's threads are 1, 2, ..."""
    thread = gdb.selected_thread()
    return thread.num - 1 if thread else 0


def current():
    return per_cpu("current_task", this_cpu())


def tasks():
    """All threads of all processes, the idle task first."""
    init_task = symbol("init_task")
    yield init_task.address
    leaders = list_entries(init_task["tasks"], "struct task_struct", "tasks")
    for leader in leaders:
        yield leader
        group = leader["signal"]
        if not int(group):
            continue
        for thread in list_entries(group["thread_head"], "struct task_struct",
                                   "thread_node"):
            if int(thread) != int(leader):
                yield thread


def task_of(pid):
    for task in tasks():
        if int(task["pid"]) == pid:
            return task
    raise gdb.GdbError(f"no task has pid {pid}")


STATES = ((0x01, "S"), (0x02, "D"), (0x04, "T"), (0x08, "t"), (0x40, "P"),
          (0x80, "X"))


def state_letter(task):
    if int(task["exit_state"]):
        return "Z" if int(task["exit_state"]) & 0x20 else "X"
    state = int(task["state"])
    if state & 0x402 == 0x402:
        return "I"
    return next((letter for bit, letter in STATES if state & bit), "R")


def read_word(address):
    data = gdb.selected_inferior().read_memory(address, 8)
    return int.from_bytes(bytes(data), "little")


def read_physical(address):
    return read_word(PAGE_OFFSET + address)


def function_at(address):
    """name+offset of a kernel address, or the bare number."""
    words = gdb.execute(f"info symbol {address:#x}", to_string=True).split()
    if not words or words[0] == "No":
        return f"{address:#x}"
    return words[0] + ("+" + words[2] if words[1] == "+" else "")


def file_name(file):
    """The last part of an open file's path, or "" """
    if not int(file):
        return ""
    dentry = file["f_path"]["dentry"]
    return dentry["d_name"]["name"].cast(pointer_to("char")).string(
        "utf-8", "replace") if int(dentry) else ""

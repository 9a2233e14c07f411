"""Steps as Python calls: a machine, and the files, mappings and userfaultfds that are made on it.

Every call is a step of a scenario. It is carried out at once, and returns a ``Call`` that tells its result,
or the thing that it made.

>>> m = Machine()
>>> F = m.file("hugetlb-2M", pages=2)
>>> plain = m.mmap(F, "plain")
>>> watched = m.mmap(F, "watched")
>>> u = m.userfaultfd()
>>> u.api("MINOR_HUGETLBFS").ok
True
>>> u.register(watched, "MINOR").ok
True
>>> plain[0] = 65
>>> t = watched.load(0, thread="t1")
>>> t.blocked
True
>>> u.read_event().event
'PAGEFAULT'
>>> u.continue_(watched, 0).ok
True
>>> t.value
65
"""

from uffdsim.machine.call import Call
from uffdsim.machine.descriptor import Descriptor
from uffdsim.machine.file import File
from uffdsim.machine.machine import Machine
from uffdsim.machine.mapping import Mapping

__all__ = ["Call", "Descriptor", "File", "Machine", "Mapping"]

"""The network between the two hosts, and in which order pages go over it."""

from dataclasses import dataclass

from uffdsim.migration.guest import GRANULE
from uffdsim.migration.units import Amount, MigrationError, pico, rate, seconds, size

CHANNELS = ("shared", "own")
ORDERS = ("linear", "hot first", "outwards")


@dataclass(frozen=True)
class Link:
    """A link. Amounts may be numbers (bytes per second, seconds, bytes) or text, as in ``Link("25Gbit/s",
    rtt="50us")``.

    :param bandwidth: what is left for pages, without the wrapping of packets.
    :param rtt: the round trip: a request goes there and its answer comes back in it, beside the time on the wire.
    :param channel: ``"shared"``: a page that is asked for goes behind everything that is in the buffer already;
        ``"own"``: it goes through a connection of its own, past the buffer, and shares the wire with it.
    :param buffer: how many bytes of pushed pages are on their way, written by the sender and not yet sent.
    :param interrupt: whether a huge page that is being pushed is interrupted for one that is asked for.
    :param order: in which order pages are pushed: ``"linear"``; ``"hot first"``, from the hot part onwards;
        ``"outwards"``, from the page last asked for in both directions.
    :raises MigrationError: if there cannot be such a link.
    """

    bandwidth: Amount[float] = Amount(rate, "the bandwidth", 1.25e9)
    rtt: Amount[float] = Amount(seconds, "the round trip", 100e-6)
    channel: str = "own"
    buffer: Amount[int] = Amount(size, "the buffer", 256 << 10)
    interrupt: bool = True
    order: str = "linear"

    def __post_init__(self) -> None:
        if not 1e3 <= self.bandwidth <= 1e12:
            raise MigrationError("a link without bandwidth moves nothing: take from 8kbit/s to 8000Gbit/s")
        if self.channel not in CHANNELS:
            raise MigrationError(f"channel is {self.channel!r}: take {' or '.join(map(repr, CHANNELS))}")
        if self.order not in ORDERS:
            raise MigrationError(f"order is {self.order!r}: take {', '.join(map(repr, ORDERS))}")
        if self.rtt > 10:
            raise MigrationError(f"a round trip of {self.rtt:g} s is longer than any: take up to 10s")

    def wire(self, number: int) -> int:
        """Picoseconds for which so many bytes keep the wire busy."""
        return max(pico(number / self.bandwidth), 1)

    def piece(self, page: int) -> int:
        """How many bytes of a page are pushed before the sender looks whether another is asked for."""
        return GRANULE if self.interrupt and self.channel == "own" else page

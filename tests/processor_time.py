"""Processor time: how long something in a test keeps this thread's processor busy, which is what nobody else gets."""

from __future__ import annotations

import sys
import time
from types import TracebackType


class ProcessorTime:
    """
    Measures the seconds of the processor that this thread takes within a ``with``: ``seconds``, once it has ended.

    What is traced meanwhile takes four times as long, so coverage is not measured there.
    """

    def __init__(self) -> None:
        self.seconds = 0.0

    def __enter__(self) -> ProcessorTime:
        self._trace = sys.gettrace()
        sys.settrace(None)
        self._begun = time.thread_time()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.seconds = time.thread_time() - self._begun
        sys.settrace(self._trace)

"""The twistd plugin: ``twistd chatroom`` and ``twist chatroom``."""

from twisted.application.service import ServiceMaker

chatroom = ServiceMaker(
    "chatroom", "chatroom.tap", "One chat server for nc, telnet, scripts and terminals.", "chatroom"
)

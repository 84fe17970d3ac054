from dataclasses import dataclass


@dataclass
class Settings:
    user: str
    password: str
    state: str = "BUSY"  # of our own queue

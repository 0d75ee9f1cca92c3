"""The compiled inner loops of the emulator. Nothing here checks anything: the classes outside do."""

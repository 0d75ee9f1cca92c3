"""Running the RTL: build, testbenches, the native loop, the scoreboard."""

from whereas.cli import main

main(prog_name="whereas")

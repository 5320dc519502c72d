from whereas.cli.main import main

main(prog_name="whereas")

//go:build linux || darwin

package main

import (
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"syscall"
)

// holder runs a program on the terminal that it is the first process of, as a
// shell does: with the first process a terminal ends, and nobody could restore
// it. It tells the process id and then the status on file 3, and keeps the
// terminal until file 4 ends. Signals do not end it.
func holder() {
	signal.Notify(make(chan os.Signal, 9), syscall.SIGINT, syscall.SIGTERM, syscall.SIGHUP, syscall.SIGQUIT)
	syscall.CloseOnExec(3)
	syscall.CloseOnExec(4)
	tell, hold := os.NewFile(3, "tell"), os.NewFile(4, "hold")
	cmd := &exec.Cmd{Path: os.Args[1], Args: os.Args[2:], Stdin: os.Stdin, Stdout: os.Stdout, Stderr: os.Stderr}
	if err := cmd.Start(); err != nil {
		panic(err)
	}
	fmt.Fprintln(tell, cmd.Process.Pid)
	_ = cmd.Wait() // the state says how it ended
	status := cmd.ProcessState.ExitCode()
	fmt.Fprintln(tell, status)
	io.Copy(io.Discard, hold)
}

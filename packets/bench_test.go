package packets

import "testing"

func BenchmarkDecode(b *testing.B) {
	for b.Loop() {
		Decode(dataFrame, LinkEthernet, fromClient)
	}
}

func BenchmarkRead(b *testing.B) {
	for b.Loop() {
		for range Open(dataFrame, LinkEthernet).Read("tcp.flags.syn") {
			break
		}
	}
}

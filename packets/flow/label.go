package flow

// A Label says what a packet is, as far as a capture can tell.
type Label uint8

// The labels.
const (
	NoLabel Label = iota

	Retransmission    // bytes that were sent before, by the same end
	SYNRetransmission // a SYN, or SYN-ACK, that was sent before
	OutOfOrder        // it was overtaken on the way: no loss
	Copy              // the network made a second one of a packet
	KeepAlive         // asks only whether the other end is still there
	WindowProbe       // asks whether the window has opened

	Timeout        // the retransmission timer ran out
	AfterTimeout   // next in line after a timeout, sent when an ACK came
	Fast           // first retransmission of a recovery that acknowledgments started
	PartialACK     // an ACK covered a part only of what recovery is about
	SACKRecovery   // a later one, chosen by what SACK says is missing
	TailLossProbe  // the last segment again, to make the receiver answer
	AnswersTheSYN  // a SYN-ACK again because the SYN came again
	UnknownTrigger // sent again, and the capture does not show why

	Spurious // the receiver had the bytes

	Gap            // bytes before it were not seen; what became of them is open
	GapReordered   // they came later: overtaken
	GapLost        // they were lost before the vantage, and sent again
	GapNotCaptured // they passed, and the capture missed them

	DuplicateACK // the same acknowledgment again (RFC 5681 section 2)
	KeepAliveACK // answers a keep-alive
	ProbeACK     // answers a window probe: still no room
	WindowUpdate // acknowledges nothing new, makes room
	ACKOfUnseen  // acknowledges what was not captured
	OldACK       // an acknowledgment that was overtaken by a later one

	ZeroWindow // its sender has no room
	WindowFull // fills the other's window to the last byte

	Reset       // ends the connection at once
	PortReused  // opens a new connection on the ports of an earlier one
	OutOfWindow // far from every number in use: taken for no part of the stream
	BadChecksum // damaged: its receiver throws it away

	labels // how many there are
)

// A Topic is a question of which each label answers one. A packet has at most
// one label of each topic, the one that was found last.
type Topic uint8

// The topics.
const (
	AboutSequence   Topic = iota // what are its numbers?
	AboutTrigger                 // what made its sender repeat it?
	AboutNeed                    // was it needed?
	AboutGap                     // what lies before it?
	AboutACK                     // what does its acknowledgment say?
	AboutRoom                    // how much room is there?
	AboutConnection              // what does it do to the connection?
)

type entry struct {
	topic Topic
	word  string
	key   string // Wireshark's field for the same or nearly the same; "" if it has none
	about string
	rfc   string
}

// table describes every label once.
var table = [labels]entry{
	Retransmission:    {AboutSequence, "retransmission", "tcp.analysis.retransmission", "Bytes that this end had sent before.", "RFC 9293 section 3.8.1"},
	SYNRetransmission: {AboutSequence, "SYN retransmission", "tcp.analysis.retransmission", "The same SYN was sent before.", "RFC 9293 section 3.8.1"},
	OutOfOrder:        {AboutSequence, "out of order", "tcp.analysis.out_of_order", "It was sent before packets that were captured before it: it was overtaken, not lost.", "RFC 9293 section 3.10.7.4"},
	Copy:              {AboutSequence, "copy", "", "The same packet a second time, made by the network and not by the sender.", "RFC 9293 section 3.10.7.4"},
	KeepAlive:         {AboutSequence, "keep-alive", "tcp.analysis.keep_alive", "It repeats a number that is acknowledged, so that the other end answers if it is still there.", "RFC 9293 section 3.8.4"},
	WindowProbe:       {AboutSequence, "window probe", "tcp.analysis.zero_window_probe", "The other end has no room, and this asks whether it still has none.", "RFC 9293 section 3.8.6.1"},

	Timeout:        {AboutTrigger, "retransmission timeout", "tcp.analysis.rto", "No acknowledgment came in time; the oldest segment without one is sent again.", "RFC 6298 section 5"},
	AfterTimeout:   {AboutTrigger, "after the timeout", "", "After a timeout the sender goes through what was under way again, as acknowledgments come.", "RFC 5681 section 3.1"},
	Fast:           {AboutTrigger, "fast retransmission", "tcp.analysis.fast_retransmission", "Acknowledgments showed that a later segment arrived and this did not; no timer ran out.", "RFC 5681 section 3.2"},
	PartialACK:     {AboutTrigger, "fast recovery", "", "The acknowledgment covers a part only of what was under way when the loss was noticed; so the next segment is missing too.", "RFC 6582 section 3.2"},
	SACKRecovery:   {AboutTrigger, "retransmission for SACK", "", "One more that selective acknowledgments leave out, or the reordering timer gave up.", "RFC 6675 section 5, RFC 8985 section 6.2"},
	TailLossProbe:  {AboutTrigger, "tail loss probe", "", "The last segment is sent again sooner than the timeout, so that the receiver shows what is missing.", "RFC 8985 section 7"},
	AnswersTheSYN:  {AboutTrigger, "answers a repeated SYN", "", "The SYN came again, so the SYN-ACK goes again.", "RFC 9293 section 3.10.7.4"},
	UnknownTrigger: {AboutTrigger, "cause not seen", "", "It was sent again, and nothing in the capture shows why.", "RFC 9293 section 3.8.1"},

	Spurious: {AboutNeed, "spurious", "tcp.analysis.spurious_retransmission", "The receiver had these bytes already.", "RFC 3522, RFC 2883"},

	Gap:            {AboutGap, "earlier bytes not seen", "tcp.analysis.lost_segment", "Bytes before this packet were not captured so far: late, lost or missed.", "RFC 9293 section 3.4"},
	GapReordered:   {AboutGap, "earlier bytes came later", "tcp.analysis.lost_segment", "What was missing before this packet came behind it: the network changed the order.", "RFC 9293 section 3.4"},
	GapLost:        {AboutGap, "earlier bytes lost", "tcp.analysis.lost_segment", "What was missing before this packet was lost before it came here, and was sent again.", "RFC 9293 section 3.8.1"},
	GapNotCaptured: {AboutGap, "earlier bytes not captured", "tcp.analysis.lost_segment", "What is missing before this packet was acknowledged: it passed, and the capture missed it.", "RFC 9293 section 3.4"},

	DuplicateACK: {AboutACK, "duplicate ACK", "tcp.analysis.duplicate_ack", "The same acknowledgment again, while data is under way: something arrived that was not next.", "RFC 5681 section 2"},
	KeepAliveACK: {AboutACK, "keep-alive ACK", "tcp.analysis.keep_alive_ack", "Answers a keep-alive: this end is still there.", "RFC 9293 section 3.8.4"},
	ProbeACK:     {AboutACK, "window probe ACK", "tcp.analysis.zero_window_probe_ack", "Answers a window probe: there is still no room.", "RFC 9293 section 3.8.6.1"},
	WindowUpdate: {AboutACK, "window update", "tcp.analysis.window_update", "Acknowledges nothing new; it says that there is more room.", "RFC 9293 section 3.8.6"},
	ACKOfUnseen:  {AboutACK, "ACK of bytes not captured", "tcp.analysis.ack_lost_segment", "It acknowledges bytes that the capture does not have.", "RFC 9293 section 3.4"},
	OldACK:       {AboutACK, "ACK out of order", "", "A later acknowledgment of the same end was captured before it: it was overtaken.", "RFC 9293 section 3.10.7.4"},

	ZeroWindow: {AboutRoom, "zero window", "tcp.analysis.zero_window", "This end has no room for a single byte.", "RFC 9293 section 3.8.6"},
	WindowFull: {AboutRoom, "window full", "tcp.analysis.window_full", "With it, all the room that the other end announced is used up.", "RFC 9293 section 3.8.6"},

	Reset:       {AboutConnection, "reset", "tcp.connection.rst", "This end knows no such connection, or wants it no longer.", "RFC 9293 section 3.5.2"},
	PortReused:  {AboutConnection, "port reused", "tcp.analysis.reused_ports", "The same addresses and ports as an earlier connection, and a new initial sequence number.", "RFC 9293 section 3.6.1"},
	OutOfWindow: {AboutConnection, "not of this stream", "", "Its numbers are so far from those in use that no receiver takes it.", "RFC 9293 section 3.10.7.4"},
	BadChecksum: {AboutConnection, "bad checksum", "tcp.checksum.bad", "It was damaged; its receiver throws it away.", "RFC 9293 section 3.1"},
}

// Topic is the question that l answers.
func (l Label) Topic() Topic { return table[l%labels].topic }

// String is the label in words.
func (l Label) String() string { return table[l%labels].word }

// Key is Wireshark's display-filter field for the same, or nearly the same;
// empty if it knows none.
func (l Label) Key() string { return table[l%labels].key }

// About is a sentence that says what the label means.
func (l Label) About() string { return table[l%labels].about }

// RFC is where the rule behind the label stands.
func (l Label) RFC() string { return table[l%labels].rfc }

// Sure is how sure a finding is.
type Sure uint8

// How sure: proven by the packets named, the better of two explanations, or
// one of several.
const (
	Possible Sure = iota
	Likely
	Certain
)

func (s Sure) String() string { return [...]string{"possible", "likely", "certain"}[min(s, Certain)] }

// A Finding is a label for a packet.
type Finding struct {
	Packet uint32 // number of the packet that it is about
	Label  Label
	Sure   Sure
	Count  int32     // of duplicate ACKs in a row, this one included; 0 for other labels
	Proof  [4]uint32 // packets that prove it, in the order of the argument; unused ones are 0
}

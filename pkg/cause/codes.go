package cause

// The causes. Kubelet: a kubelet could not be scraped, or its response not be used. Server: Plimsoll itself. Node: the Node object, or how far its
// collection has come. Engine: a Prometheus-compatible engine. Usage: what a response does not have of a container or a node. Pod: the pod's own state.
// API: nothing can be served of the whole cluster. The table has their codes and messages.
const (
	KubeletTLSUnknownAuthority Cause = iota + 1
	KubeletTLSOtherNode
	KubeletTLSWrongName
	KubeletTLSInvalidCertificate
	KubeletTLSUnverified
	KubeletTLSMalformed
	KubeletTLSRefused
	KubeletTLSPlain
	KubeletTLSTimeout
	KubeletTLSFailed
	KubeletUnauthenticated
	KubeletForbidden
	KubeletNotFound
	KubeletRedirect
	KubeletStatus
	KubeletHeaderTooLarge
	KubeletTooLarge
	KubeletTooMany
	KubeletFraming
	KubeletOverBudget
	KubeletNoContainers
	KubeletError
	KubeletUnsupported
	KubeletTruncated
	KubeletEmpty
	KubeletSyntax
	KubeletMalformedHTTP
	KubeletSlow
	KubeletTimeout
	KubeletRefused
	KubeletUnknownHost
	KubeletBroken
	KubeletUnreachable
	KubeletOther

	ServerNoMemory
	ServerNoDescriptors
	ServerFault

	NodeNoAddress
	NodeRefusedAddress
	NodeRefusedPort
	NodeNotSelected
	NodeNotScraped
	NodeNotRead
	NodeClock

	EngineFault
	EngineNoSeries
	EngineNoNewSample
	EngineTargetDown
	EngineAmbiguous
	EngineNoContainers
	EngineNoPod
	EnginePartial
	EngineTooLarge
	EngineSyntax
	EngineRedirect
	EngineUnauthorized
	EngineNotFound
	EngineLimit
	EngineError
	EngineTimeout
	EngineTLSUnverified
	EngineTLSPlain
	EngineUnknownHost
	EngineRefused
	EngineBroken
	EngineUnreachable
	EngineOther

	UsageNotReported
	UsageNoCPU
	UsageNoMemory
	UsageOldMemory
	UsageNoRate
	UsageImplausibleCPU
	UsageImplausibleMemory
	UsageInvalid
	UsageExpired

	PodNotBound
	PodPending
	PodEnded
	PodNoContainer
	PodNotReported

	APIListing
	APICollecting
	APIFailing
	APIExpired

	APIServiceMissing
	APIServiceForeign
	APIServiceNoService
	APIServiceNoEndpoints
	APIServiceNoRoute
	APIServiceUnavailable
	CABundleMissing
	CABundleInvalid
	CABundleWrong
	CertificateName
	CertificateExpired
	CertificateEndsSoon
	FrontProxyNoAuthority
	FrontProxyInvalid
	FrontProxyRefused
	RBACServer
	RBACUser
	ClockHere
	ClockServer
	NodeStale
	NodeUnexplained
	HPANoRequest
	HPANoUsage
	HPAForbidden
	HPANoAPI
	HPAOther
	APIError

	count
)

// Istio's analyzers with a loop around them: for each folder named, one line of JSON with what `istioctl analyze` has to
// say of the files in it. Services and pods in files are looked at, too, which istioctl leaves to a cluster.
package main

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"

	"istio.io/istio/pkg/config/analysis/analyzers"
	"istio.io/istio/pkg/config/analysis/local"
	"istio.io/istio/pkg/config/resource"
)

func main() {
	for _, folder := range os.Args[1:] {
		analyzer := local.NewIstiodAnalyzer(analyzers.AllCombined(), resource.Namespace(""), resource.Namespace("istio-system"), nil)
		said := []string{}
		paths, _ := filepath.Glob(filepath.Join(folder, "*.yaml"))
		var readers []local.ReaderSource
		for _, path := range paths {
			if file, err := os.Open(path); err == nil {
				readers = append(readers, local.ReaderSource{Name: filepath.Base(path), Reader: file})
			}
		}
		// The files come first: what is added before them decides which kinds are read.
		if err := analyzer.AddTestReaderKubeSource(readers); err != nil {
			said = append(said, err.Error())
		}
		if err := analyzer.AddDefaultResources(); err != nil {
			said = append(said, err.Error())
		}
		cancel := make(chan struct{})
		result, err := analyzer.Analyze(cancel)
		close(cancel)
		if err != nil {
			said = append(said, err.Error())
		}
		for _, message := range result.Messages {
			said = append(said, message.String())
		}
		line, _ := json.Marshal(map[string]any{"folder": folder, "said": said})
		fmt.Println(string(line))
	}
}

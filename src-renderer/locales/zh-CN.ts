import type { Messages } from './en.ts'

const zhCN: Messages = {
  rail: {
    lab: '实验室',
    explore: '浏览',
    network: '网络',
    machines: '机器',
    glass: '透视',
    settings: '设置',
    collapse: '收起',
    expand: '展开',
  },
  clock: { live: '实时' },
}

export default zhCN
